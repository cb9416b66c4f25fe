"""Unit tests of the model."""

import unittest

from forecast.model import fit, kind_of_day, predict

ROWS = [
    {"date": "2026-09-05", "outlet": "K01", "channel": "store", "units": "120"},
    {"date": "2026-09-07", "outlet": "K01", "channel": "store", "units": "90"},
    {"date": "2026-09-08", "outlet": "K01", "channel": "store", "units": "90"},
]


class Model(unittest.TestCase):
    """Three days of one outlet."""

    def test_saturday_and_sunday_are_the_weekend(self):
        dates = ["2026-09-04", "2026-09-05", "2026-09-06", "2026-09-07"]
        kinds = ["week", "weekend", "weekend", "week"]
        self.assertEqual([kind_of_day(date) for date in dates], kinds)

    def test_a_forecast_comes_back_to_the_scale_of_units(self):
        model = fit(ROWS)
        self.assertAlmostEqual(predict(model, ROWS[0]), 120)
        self.assertAlmostEqual(predict(model, ROWS[1]), 90)
