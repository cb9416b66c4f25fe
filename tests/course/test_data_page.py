"""The page about the data: what is measured was put in, and a gap in the page is an error."""

import numpy as np
import pandas as pd
import pytest

from scripts import data_facts, data_page
from scripts.data_facts import Spread, arrivals, effects, likeness, shares, spreads, waits, world


@pytest.fixture(scope="module")
def sales():
    return world(1)


def test_effects_are_found_as_they_were_put_in(sales):
    """The generator's constants, which the measuring never sees; errors are about 0.005."""
    found = effects(sales)
    assert found["weekend"] == pytest.approx(0.15, abs=0.02)
    assert found["promo"] == pytest.approx(np.expm1(0.30), abs=0.03)
    assert found["ramadan"] == pytest.approx(np.expm1(-0.25), abs=0.02)
    assert found["season"] == pytest.approx(np.expm1(0.10), abs=0.02)
    assert found["peak_day"] == pytest.approx(105 + 365.25 / 4, abs=6)
    assert found["noise"] == pytest.approx(0.25, abs=0.01)
    for name, effect in {"store": -0.12, "app": 0.02, "delivery": 0.15}.items():
        assert found[f"rain {name}"] == pytest.approx(np.expm1(effect), abs=0.03)


def test_a_world_without_an_effect_has_none(sales):
    still = sales.assign(units=100)
    assert effects(still)["weekend"] == pytest.approx(0, abs=1e-9)
    assert effects(still)["season"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("between", "meant"), [(0.0, 0.0), (1.0, 0.5), (3.0, 0.9)])
def test_the_intra_class_correlation_is_the_share_of_the_variance_between(between, meant):
    rng = np.random.default_rng(5)
    outlets = np.repeat(np.arange(400), 50)
    log = between * rng.normal(size=400)[outlets] + rng.normal(size=len(outlets))
    table = pd.DataFrame({"outlet": outlets, "units": np.exp(log)})
    nothing = pd.DataFrame({"one": np.ones(len(table))})
    # 400 groups: a standard error of at most 0.02.
    assert data_facts._icc(table, nothing) == pytest.approx(meant, abs=0.06)


def test_days_shares_and_delays_are_those_of_the_table(sales):
    found = likeness(sales) | shares(sales) | waits(sales) | arrivals(sales)
    assert found["score_lag"] == pytest.approx(0.7, abs=0.05)
    assert sum(found[f"is {name}"] for name in data_facts.WEATHER) == pytest.approx(1)
    assert sum(found[f"units {name}"] for name in data_facts.CHANNELS) == pytest.approx(1)
    assert (found["from delivery"], found["to delivery"]) == (7, 10)
    assert found["mean store"] == 1
    assert found["arrives_from"] >= 0.5
    assert found["arrives_to"] < 5


def test_a_spread_is_mean_and_range():
    assert spreads([{"a": 1.0}, {"a": 5.0}]) == {"a": Spread(mean=3.0, low=1.0, high=5.0)}


def test_cells_say_mean_and_range():
    numbers = data_page.Numbers({"a": Spread(mean=0.1534, low=0.1, high=0.2)})
    assert numbers.share("a") == "15.3 % (10.0 to 20.0)"
    assert numbers.plain("a", 1) == "0.2 (0.1 to 0.2)"


def test_a_column_that_is_not_described_is_an_error():
    table = pd.DataFrame({"date": [1], "secret": [2]})
    with pytest.raises(SystemExit, match="secret"):
        data_page._columns(table, {"date": ("day",)}, ())


def test_every_file_of_the_labs_is_listed():
    listed = "\n".join(data_page._files())
    files = [path for path in (data_page.ROOT / "labs").glob("*/data/**/*") if path.is_file()]
    assert len(files) == listed.count("](../labs/") >= 20
    for path in files:
        assert f"{path.name}` |" in listed, path


def test_a_stale_page_is_noticed_and_named(monkeypatch, capsys):
    monkeypatch.setattr(data_page, "page", lambda: "other text")
    assert data_page.main(["--check"]) == 1
    assert "course/reference/data.md: not up to date. Run:" in capsys.readouterr().err
