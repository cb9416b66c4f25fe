"""The service: answers a question about one outlet, channel and day."""

from forecast.model import predict


def answer(package, question):
    """Return how many units to prepare: a whole number, never below zero."""
    return max(0, round(predict(package, question)))
