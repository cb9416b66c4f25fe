"""What of a trained model is shipped to the service."""

PARTS = ("means", "scaler")


def packed(model):
    """Return the parts of the model that the service needs."""
    return {name: model[name] for name in PARTS}
