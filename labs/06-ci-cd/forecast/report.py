"""A line for people; nothing imports it in production."""


def line(outlet, units):
    """Return a sentence about a forecast."""
    return f"Outlet {outlet} should prepare {units} units."
