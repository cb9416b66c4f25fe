"""The fake shipyard keeps the contract of the real one."""

import pytest

from grader.sandbox.fake_shipyard import FakeShipyard, silent
from grader.sandbox.shipyard import Launch, Question, Reply
from tests.sandbox.yards import ShipyardContract, recipe


class TestFakeShipyard(ShipyardContract):
    @pytest.fixture
    def yard(self):
        with FakeShipyard(lambda _question: Reply(status=200, body=b'{"uid": 10001}')) as yard:
            yield yard


def test_it_remembers_what_was_asked_of_it():
    yard = FakeShipyard(silent, uid=0)
    yard.build(recipe(), 1)
    yard.launch(Launch(image=0, environment={"A": "1"}))
    assert yard.launches[0].environment == {"A": "1"}
    assert yard.recipes == [recipe()]
    assert yard.state(0).uids == (0,)
    assert yard.ask(Question(container=0)).problem == "refused"
    yard.close()
    assert yard.closed
