"""What the page of moving over gives in the place of SimplePlurality does it, over boto3."""

import re
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.turkapi.over_boto3 import HIT, handed_in, requester, turk, worker_of

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[2] / "infra/docs/mturk-migration.md"


def as_written():
    """Return the function of the page, with what the page says it needs."""
    text = PAGE.read_text()
    found = re.search(r"\n( {6}def plurality\(.*?)\n\n  with ", text, re.DOTALL)
    schema = re.search(r'`SCHEMA = "([^"]*)"`', text)
    assert found
    assert schema
    names = {"ElementTree": ElementTree, "SCHEMA": schema[1]}
    exec(textwrap.dedent(found[1]), names)  # it is our own page's
    return names["plurality"]


def states(mturk, hit):
    rows = mturk.list_assignments_for_hit(HITId=hit)["Assignments"]
    return sorted(each["AssignmentStatus"] for each in rows)


def test_who_agree_are_approved_and_one_more_is_asked_until_enough_do():
    user, plurality = requester(), as_written()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    assert plurality(mturk, hit, "animal") is None
    for animal in ("cat", "dog"):
        handed_in(worker_of(user), animal=animal)

    for _ in range(2):  # once for one who was handed in, however often it is run
        assert plurality(mturk, hit, "animal") is None
        assert mturk.get_hit(HITId=hit)["HIT"]["MaxAssignments"] == 3
    handed_in(worker_of(user), animal="cat")

    assert plurality(mturk, hit, "animal") == ("cat",)
    assert states(mturk, hit) == ["Approved", "Approved", "Submitted"]
    assert plurality(mturk, hit, "animal") == ("cat",)


def test_no_more_are_asked_than_are_allowed():
    user, plurality = requester(), as_written()
    mturk = turk(user)
    hit = mturk.create_hit(**HIT)["HIT"]["HITId"]
    for animal in ("cat", "dog", "hen"):
        handed_in(worker_of(user), animal=animal)
        plurality(mturk, hit, "animal", most=3)

    assert mturk.get_hit(HITId=hit)["HIT"]["MaxAssignments"] == 3
    assert states(mturk, hit) == ["Submitted"] * 3
