"""The hidden checks. Their docstrings are what a student reads about them."""

CHECKED = {"lint", "unit_tests", "check_data", "train", "check_model"}


def test_benign_changes_pass(as_meant):
    """Good changes are green, and go as far as their event says: staging, or on to production."""
    as_meant("benign")


def test_code_faults_stop(as_meant):
    """A fault of the code stops the pipeline before anything is trained; a good change does not."""
    as_meant("code")


def test_data_faults_stop(as_meant):
    """A fault of the data stops the pipeline before anything is trained; new good rows do not."""
    as_meant("data")


def test_worse_model_stops(as_meant):
    """A model that is worse than the champion never reaches staging; one that is as good does."""
    as_meant("model")


def test_staging_faults_stop(as_meant):
    """What fails in staging never reaches production."""
    as_meant("staging")


def test_one_artifact(bank):
    """One model is trained; it is judged, put into staging and into production by its digest."""
    shipped = [(case, seen) for cases in bank.values() for case, seen in cases if case.production]
    assert shipped
    for case, seen in shipped:
        steps = seen["journal"]
        trained = [line["digest"] for line in steps if line["step"] == "train"]
        used = [line["digest"] for line in steps if line["step"] in {"check_model", "deploy"}]
        tested = [line["digest"] for line in steps if line["step"] == "smoke"]
        assert len(trained) == 1, case.name
        assert set(used) == set(trained), case.name
        assert trained[0] in tested, case.name
        assert seen["staging"] == seen["production"] == trained[0], case.name


def test_forks_are_harmless(bank, as_meant):
    """A fork's pull request is checked, never deployed, and its code never sees a secret."""
    as_meant("strangers")
    for case, seen in bank["strangers"]:
        if case.kind != "fork":
            continue
        assert not seen["target"], case.name
        assert not any(line["tokens"] for line in seen["journal"]), case.name
        if case.green:
            assert {line["step"] for line in seen["journal"]} >= CHECKED, case.name


def test_titles_are_text(bank):
    """What strangers write, such as the title of a pull request, is never run by a shell."""
    assert len(bank["strangers"]) > 1
    for case, seen in bank["strangers"]:
        assert not seen["injected"], case.name
        assert seen["journal"], case.name


def test_secrets_stay_home(bank):
    """The token of a place is seen by the step that deploys there, and by nothing before it."""
    for cases in bank.values():
        for case, seen in cases:
            for line in seen["journal"]:
                near = {"staging"} if line["step"] == "smoke" else set()
                allowed = {line.get("place")} if line["step"] == "deploy" else near
                assert set(line["tokens"]) <= allowed, f"{case.name}: {line['step']}"


def test_least_permissions(looked):
    """The workflow says what its jobs may do, and that is to read."""
    assert isinstance(looked["facts"], list)
    assert "excessive-permissions" not in looked["facts"]


def test_actions_are_pinned(looked):
    """Actions of others are pinned to a commit."""
    assert isinstance(looked["facts"], list)
    assert "unpinned-uses" not in looked["facts"]
