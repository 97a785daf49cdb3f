"""The crowd of the soak forgives what a blow explains, and nothing else."""

import random
from uuid import uuid4

import pytest

from infra.soak.crowd import Notes, Unruly
from infra.speed.doors import Refused


class Door:
    """A server that fails at every other request."""

    def __init__(self):
        self.asked = 0

    def lease(self, campaign):
        return self._answer()

    def post(self, path, body):
        return self._answer()

    def _answer(self):
        self.asked += 1
        if self.asked % 2:
            raise Refused(500, b"it broke")


@pytest.mark.parametrize(("seconds", "is_wrong"), [(-1.0, True), (60.0, False)])
def test_a_fault_is_a_broken_promise_unless_something_was_struck(seconds, is_wrong):
    notes, campaign = Notes(), uuid4()
    notes.strike(seconds=seconds)
    worker = Unruly(Door, lambda: [campaign], notes, random.Random(1))

    worker._ask(worker.door, campaign)
    leased = list(notes.wrong)
    worker._ask(worker.door, campaign)
    took = worker._insist({"id": "1"}, {})

    assert bool(leased) is is_wrong
    assert took
    assert notes.happened["faults"] == 2
    assert len(notes.wrong) == (2 if is_wrong else 0)
