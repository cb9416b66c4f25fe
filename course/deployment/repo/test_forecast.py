"""Unit tests: small, fast, about the code and not about the data."""
# ruff: noqa: D102, INP001, PT009

import unittest

import forecast

ROW = {"date": "2026-05-04", "outlet": "K01", "channel": "store", "units": "120"}


class Forecast(unittest.TestCase):
    """What must always be true of the model's code."""

    def test_a_model_of_one_row_repeats_it(self) -> None:
        model = forecast.train([ROW])
        self.assertAlmostEqual(forecast.predict(model, ROW), 120, places=2)

    def test_a_model_knows_the_last_day_that_it_has_seen(self) -> None:
        later = {**ROW, "date": "2026-05-11"}
        self.assertEqual(forecast.train([later, ROW])["seen_until"], "2026-05-11")

    def test_the_error_is_a_share_of_what_was_sold(self) -> None:
        model = forecast.train([ROW])
        self.assertAlmostEqual(forecast.wape(model, [{**ROW, "units": "60"}]), 1.0, places=4)


if __name__ == "__main__":
    unittest.main()
