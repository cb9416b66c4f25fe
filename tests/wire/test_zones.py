"""Time zones cross by key or offset; a zone by any other means is refused."""

from __future__ import annotations

import datetime as dt

import dateutil.tz
import pandas as pd
import pytest

from tests.wire.crossing import cross


def test_a_datetime_in_a_zone_of_pytz_keeps_its_instant():
    import pytz

    for hour in (0, 1):
        instant = dt.datetime(2024, 10, 27, hour, 30, tzinfo=dt.UTC)
        value = instant.astimezone(pytz.timezone("Europe/Berlin"))
        arrived = cross(value)
        assert arrived == instant
        assert str(arrived) == str(value)


@pytest.mark.parametrize("zone", [dateutil.tz.tzutc(), dateutil.tz.tzoffset("X", -90 * 60)])
def test_a_fixed_offset_of_another_library_arrives_as_a_plain_one(zone):
    for value in (dt.datetime(2024, 1, 1, tzinfo=zone), pd.Timestamp("2024", tz=zone)):
        arrived = cross(value)
        assert arrived == value
        assert arrived.utcoffset() == value.utcoffset()
        assert type(arrived.tzinfo) is dt.timezone
