"""The numbers of the interactive figures, as a browser computes them, against SciPy and NumPy."""

import itertools
import random
import runpy

import numpy as np
import pytest
from scipy import special, stats

from scripts.figures.numbers import canary, concept, drift, maturity, stream, value
from tests.course.figure_pages import lay_out, serving
from tests.course.pages import COURSE

pytestmark = pytest.mark.needs_browser


@pytest.fixture(scope="module")
def js(chromium, tmp_path_factory):
    """Return a function that calls an exported function once for every list of arguments."""
    with serving(lay_out(tmp_path_factory.mktemp("figures"))) as address:
        page = chromium.new_page()
        page.goto(f"{address}light/unheard-of.html")

        def call(module, name, *calls):
            return page.evaluate(
                """async ([module, name, calls]) => {
                  const found = await import(`../assets/figures/numbers/${module}.js`);
                  const plain = (_, it) => (ArrayBuffer.isView(it) ? [...it] : it);
                  const copy = (told) => JSON.parse(JSON.stringify(told, plain));
                  return calls.map((given) => copy(found[name](...given)));
                }""",
                [module, name, [list(given) for given in calls]],
            )

        yield call
        page.close()


def near(found, wanted, *, relative=1e-10, absolute=1e-12):
    np.testing.assert_allclose(found, wanted, rtol=relative, atol=absolute)


# ------------------------------------------------------------------------------ distributions


def test_the_normal_tail_is_right_to_twelve_digits_far_out(js):
    at = [float(x) for x in np.linspace(-37, 37, 1481)]
    near(js("normal", "tail", *zip(at)), stats.norm.sf(at), relative=1e-12, absolute=0)
    near(js("normal", "cumulative", *zip(at)), stats.norm.cdf(at), relative=1e-12, absolute=0)


def test_the_normal_quantile_is_right_from_1e_300_on(js):
    chances = [float(p) for p in np.logspace(-300, -0.31, 400)]
    chances += [1 - p for p in chances if p > 1e-12] + [0.5]
    found = js("normal", "quantile", *zip(chances))
    near(found, special.ndtri(chances), relative=1e-12, absolute=1e-14)


def test_chi_square_with_nine_degrees_of_freedom(js):
    at = [0.0, 1e-6, *map(float, np.linspace(0.01, 200, 500))]
    near(js("distributions", "chiSquare9Tail", *zip(at)), stats.chi2.sf(at, 9))
    limit = js("distributions", "chiSquare9Tail", [16.918977604620448])
    near(limit, [0.05])
    near(stats.chi2.ppf(0.95, 9), 16.918977604620448)


@pytest.mark.parametrize("rows", [1, 2, 7, 50, 131])
def test_the_exact_ks_chance_for_every_distance(js, rows):
    steps = range(1, rows + 1)
    found = js("distributions", "ksTail", *((rows, one) for one in steps))
    near(found, [drift.ks_tail(rows, one) for one in steps], relative=1e-8, absolute=1e-11)


@pytest.mark.parametrize("rows", [50, 100, 200, 500, 1000, 2000])
def test_the_ks_limit_for_every_number_of_columns(js, rows):
    alphas = [0.05 / k for k in (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)]
    found = js("distributions", "ksLimit", *((rows, alpha) for alpha in alphas))
    assert found == [drift.ks_limit(rows, alpha) for alpha in alphas]


def test_ks_of_two_samples_that_hardly_have_rows_never_alarms(js):
    assert js("distributions", "ksLimit", [2, 0.05]) == [3]
    assert js("distributions", "ksTail", [2, 0]) == [1]


def test_ks_distances_of_random_samples(js):
    rng = np.random.default_rng(4)
    for rows in (1, 2, 9, 64):
        pairs = [np.sort(rng.normal(size=(2, rows)), axis=1) for _ in range(30)]
        found = js(
            "distributions", "ksSteps", *((one.tolist(), two.tolist()) for one, two in pairs)
        )
        wanted = [stats.ks_2samp(one, two).statistic * rows for one, two in pairs]
        near(found, wanted)


BINOMIALS = [
    (0, 0.3),
    (1, 0.05),
    (5, 0.5),
    (50, 0.01),
    (950, 0.01),
    (20_000, 0.02),
    (499_999, 0.01),
]


@pytest.mark.parametrize(("n", "p"), BINOMIALS)
def test_binomial_chances_and_their_limit(js, n, p):
    (found,) = js("distributions", "binomial", (n, p))
    counts = np.arange(found["first"], found["first"] + len(found["chances"]))
    near(found["chances"], stats.binom.pmf(counts, n, p), relative=1e-9)
    near(sum(found["chances"]), 1)
    alphas = [0.2, 0.051, 0.05 / 60, 0.05 / 480]  # no chance is equal to one of them
    limits = js("distributions", "binomialLimit", *((n, p, alpha) for alpha in alphas))
    for limit, alpha in zip(limits, alphas, strict=True):
        assert stats.binom.sf(limit - 1, n, p) <= alpha
        assert limit == 0 or stats.binom.sf(limit - 2, n, p) > alpha


# ------------------------------------------------------------------------------ random numbers


def test_random_numbers_are_the_same_in_both_languages(js):
    rng = random.Random(1)
    places = [(rng.randrange(2**32), rng.randrange(2**20)) for _ in range(500)]
    keys = js("random", "stream", *places)
    assert keys == [int(stream.streams(seed, np.array([at]))[0]) for seed, at in places]
    found = js("random", "uniform", *((key, at) for key, (_, at) in zip(keys, places, strict=True)))
    words = np.array(keys, dtype=np.uint32)
    assert found == stream.uniforms(words, np.array([at for _, at in places])).tolist()


@pytest.mark.parametrize("rows", [1, 2, 9, 1000])
def test_normal_numbers_are_the_same_in_both_languages(js, rows):
    key = stream.streams(7, np.array([3]))
    (found,) = js("random", "normals", (int(key[0]), rows))
    near(found, stream.normals(key, rows)[0], absolute=1e-13)


def test_random_numbers_look_random():
    """Uniform, normal, and streams without relation; chances of a wrong alarm: 1 in 10,000 each."""
    keys = stream.streams(2026, np.arange(40))
    flat = stream.uniforms(keys[:, None], np.arange(5000))
    assert stats.kstest(flat.ravel(), "uniform").pvalue > 1e-4
    assert stats.kstest(stream.normals(keys, 5000).ravel(), "norm").pvalue > 1e-4
    between = np.corrcoef(flat)[np.triu_indices(40, 1)]
    assert np.abs(between).max() < stats.norm.isf(0.5e-4 / 780) / np.sqrt(5000)
    along = np.corrcoef(flat[:, 1:].ravel(), flat[:, :-1].ravel())[0, 1]
    assert abs(along) < 3.9 / np.sqrt(200_000)


# ------------------------------------------------------------------------------ the figures


def value_settings():
    rng = random.Random(2)
    fixed = list(
        itertools.product((0.01, 0.2, 0.99), (10, 500), (10, 500), (0.01, 0.6), (0.5, 0.99))
    )
    free = [
        (
            rng.randint(1, 99) / 100,
            rng.randint(1, 50) * 10,
            rng.randint(1, 50) * 10,
            rng.randint(1, 60) / 100,
            rng.randint(50, 99) / 100,
        )
        for _ in range(300)
    ]
    return fixed + free


def test_the_value_of_a_threshold(js):
    names = ("threshold", "falseAlarm", "miss", "baseRate", "skill")
    settings = value_settings()
    found = js("value", "value", *([dict(zip(names, one, strict=True))] for one in settings))
    for told, one in zip(found, settings, strict=True):
        wanted = value.value(
            value.Setting(
                threshold=one[0], false_alarm=one[1], miss=one[2], base_rate=one[3], skill=one[4]
            )
        )
        for mine, yours in (
            ("hit", wanted.hit),
            ("alarm", wanted.alarm),
            ("worth", wanted.worth),
            ("always", wanted.always),
            ("overAlways", wanted.worth - wanted.always),
            ("perfect", wanted.perfect),
            ("best", wanted.best),
            ("bestWorth", wanted.best_worth),
        ):
            near(told[mine], yours, relative=1e-9, absolute=1e-7)
        assert tuple(told["counts"].values()) == wanted.counts
        assert sum(wanted.counts) == value.DECISIONS


def test_no_threshold_is_worth_more_than_the_best_one():
    for one in value_settings():
        setting = value.Setting(
            threshold=one[0], false_alarm=one[1], miss=one[2], base_rate=one[3], skill=one[4]
        )
        found = value.value(setting)
        assert found.best_worth >= found.worth - 1e-6
        assert found.best_worth >= max(0, found.always) - 1e-6
        assert found.best_worth <= found.perfect + 1e-6


DRIFTS = [
    (0.0, 50, 1, 1),
    (0.3, 500, 8, 1),
    (0.4, 500, 8, 2),
    (1.0, 2000, 100, 99),
    (0.15, 100, 30, 7),
    (0.05, 200, 3, 50),
    (0.8, 1000, 20, 12),
]


@pytest.mark.parametrize(("shift", "rows", "columns", "draw"), DRIFTS)
def test_what_the_drift_figure_says(js, shift, rows, columns, draw):
    setting = {"shift": shift, "rows": rows, "columns": columns, "draw": draw}
    (found,) = js("drift", "drift", [setting])
    wanted = drift.drift(shift, rows, draw)
    near(found["psi"], wanted.psi)
    near(found["psiEndless"], wanted.psi_endless)
    near(found["psiNull"]["limit"], wanted.psi_limit)
    near(found["psiNull"]["usual"], wanted.psi_usual)
    near(found["ks"], wanted.ks)
    near(found["p"], wanted.p, relative=1e-7)
    for name, alpha in (("alone", 0.05), ("bonferroni", 0.05 / columns)):
        told = [found[name][key] for key in ("each", "any", "bound")]
        near(told, drift.false_alarm(rows, columns, alpha), relative=1e-8)
    assert found["noticed"] == drift.noticed(rows, shift, 0.05)
    assert found["usual"] == drift.psi_above(rows, shift, drift.USUAL_ALARM)
    assert found["usualQuiet"] == drift.psi_above(rows, 0.0, drift.USUAL_ALARM)
    assert found["quietAbove"] == drift.psi_above(rows, 0.0, wanted.psi_limit)
    assert found["correctedNoticed"] == drift.noticed(rows, shift, 0.05 / columns)


@pytest.mark.parametrize("rows", [100, 500, 1000])
def test_psi_without_drift_is_about_its_chi_square(rows):
    """2,000 draws without drift: 95th percentile within 8 % of (2/n) chi-square(9)."""
    drawn = np.sort(stream.normals(stream.streams(11, np.arange(4000)), rows), axis=1)
    inner = np.quantile(drawn[::2], np.linspace(0, 1, 11)[1:-1], axis=1).T
    found = [
        drift.psi(drift.counts(one, edges), drift.counts(two, edges))
        for one, two, edges in zip(drawn[::2], drawn[1::2], inner, strict=True)
    ]
    assert np.quantile(found, 0.95) == pytest.approx(drift.psi_without_drift(rows)[0], rel=0.08)


CONCEPTS = [
    (inputs, relation, rows, curved, delay, draw)
    for inputs, relation, (rows, delay, draw), curved in itertools.product(
        (0, 0.1, 0.8, 1.5),
        (0, 0.8, 1.5),
        ((25, 0, 1), (100, 2, 5), (400, 8, 99)),
        (False, True),
    )
]


def test_what_the_concept_figure_says(js):
    names = ("inputs", "relation", "rows", "curved", "delay", "draw")
    told = js("concept", "concept", *([dict(zip(names, one, strict=True))] for one in CONCEPTS))
    for found, one in zip(told, CONCEPTS, strict=True):
        wanted = concept.concept(concept.Setting(**dict(zip(names, one, strict=True))))
        near(found["errors"], wanted.errors)
        near([found["limit"], found["ks"]], [wanted.limit, wanted.ks])
        near(found["p"], wanted.p, relative=1e-7, absolute=1e-11)
        assert (found["above"], found["seenAfter"]) == (wanted.above, wanted.seen_after)
        near([found["expectedBefore"], found["expectedAfter"]], wanted.expected)


def test_a_relation_that_moves_leaves_every_input_as_it_was(js):
    settings = [
        {"inputs": 0, "relation": one, "rows": 100, "curved": False, "delay": 0, "draw": 3}
        for one in (0, 1.5)
    ]
    nothing, relation = js("concept", "concept", *([one] for one in settings))
    assert relation["current"] == nothing["current"]
    assert relation["p"] == nothing["p"]
    assert (nothing["above"], relation["above"]) == (0, 12)


CANARIES = [
    canary.Setting(
        requests=requests,
        share=share,
        looks=looks,
        metrics=metrics,
        minimum=minimum,
        budget=budget,
        rate=rate,
    )
    for requests, share, looks, metrics, minimum, budget, rate in [
        (100_000, 0.05, 20, 3, 500, 0.0, 0.02),
        (5_000, 0.01, 96, 1, 5_000, 0.0, 0.05),
        (20_000, 0.5, 1, 5, 0, 1.0, 0.011),
        (200_000, 0.1, 48, 2, 1_000, 0.5, 0.03),
        (10_000, 0.3, 12, 4, 100, 0.1, 0.015),
    ]
]


@pytest.mark.parametrize("setting", CANARIES, ids=lambda one: f"{one.requests}-{one.looks}")
def test_what_the_canary_figure_says(js, setting):
    given = {name: getattr(setting, name) for name in setting.__slots__}
    (found,) = js("canary", "canary", [given])
    for name, wanted in canary.canary(setting).items():
        kind, rule = name.split(".")
        told = found[kind][rule]
        assert told["back"] == wanted.back
        assert (told["hours"] is None) == (wanted.hours is None)
        near(told["hours"] or 0, wanted.hours or 0)
        near([told["harmHalf"], told["harmMost"]], [wanted.harm_half, wanted.harm_most])
        assert told["byLook"][-1] == told["back"]
        assert told["byLook"] == sorted(told["byLook"])


@pytest.mark.parametrize("setting", CANARIES, ids=lambda one: f"{one.requests}-{one.looks}")
def test_the_corrected_rule_keeps_its_promise(setting):
    """At most 5 % of 1,000 healthy rollouts go back; 7.1 % would be three standard errors more."""
    found = canary.canary(setting)
    assert found["healthy.corrected"].back <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / canary.ROLLOUTS)
    assert found["healthy.naive"].back >= found["healthy.corrected"].back


PRACTICES = {
    "tracking": {"tracking"},
    "gate": {"data checks"},
    "features": {"features"},
    "validation": {"model checks"},
    "pipeline": {"training", "release"},
    "trigger": {"trigger"},
    "tests": {"code"},
    "delivery": {"staging", "pipeline release"},
    "watching": {"watching"},
}
"""Statement of the figure -> practices of the chapter's example that it covers."""


def test_the_chapter_and_the_figure_ask_for_the_same_levels():
    levels = runpy.run_path(str(COURSE / "maturity" / "levels.py"))["MODELS"]["Google Cloud"]
    _, first, second = levels.values()
    for asked, keys in ((first, maturity.LEVEL_1), (second, maturity.LEVEL_2)):
        assert set().union(*(PRACTICES[key] for key in keys)) == asked


def test_the_rules_of_the_self_assessment(js):
    rng = random.Random(3)
    answers = [[rng.choice((-1, 0, 1, 2, 2, 2, 2)) for _ in maturity.ORDER] for _ in range(400)]
    answers += [[2] * 12, [-1] * 12, [0, 0, *[2] * 9, 0], [2, 2, *[2] * 6, 1, 2, 2, 2]]
    told = js("maturity", "maturity", *([one] for one in answers))
    for found, one in zip(told, answers, strict=True):
        near(found["areas"], list(maturity.by_area(one).values()))
        assert found["level"] == maturity.level(one)
        assert found["steps"] == maturity.next_steps(one)
    assert {found["level"] for found in told} == {0, 1, 2}
