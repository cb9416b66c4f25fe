"""Unit tests of the service."""

import unittest

from forecast.service import answer

MODEL = {"means": {"K01|store|week": 1.0}, "scaler": {"mean": 4.0, "spread": 0.5}}


class Service(unittest.TestCase):
    """A model that was made by hand."""

    def test_the_answer_is_a_whole_number_of_units(self):
        question = {"date": "2026-09-07", "outlet": "K01", "channel": "store"}
        self.assertEqual(answer(MODEL, question), 89)

    def test_an_unknown_outlet_gets_the_mean(self):
        question = {"date": "2026-09-07", "outlet": "K77", "channel": "store"}
        self.assertEqual(answer(MODEL, question), 54)
