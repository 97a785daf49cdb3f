"""Preflight of campaigns whose question is a page of the requester's own."""

import pytest

from apps.kinds import names, of
from apps.kinds.framed import FramedKind
from apps.pipeline import preflight
from tests.factories import draft
from tests.workbench.asked_forms import choice, form, question

pytestmark = pytest.mark.django_db
KIND = next(name for name in names() if isinstance(of(name), FramedKind))


def blocks(data: dict[str, str], **values) -> list[str]:
    campaign = draft(kind=KIND, settings={"question": "Look."}, items=1, **values)
    campaign.dataset.items.update(data=data)
    return [finding.sentence for finding in preflight.check(campaign) if finding.severity == "block"]


def test_a_page_that_can_be_shown_alone_may_be_launched():
    said = " ".join(blocks(of(KIND).examples.item, page_size=1))

    assert "page_size" not in said
    assert "can be shown" not in said


def test_more_than_one_on_a_page_is_blocked():
    assert any("page_size should be 1; it is 5" in sentence for sentence in blocks(of(KIND).examples.item, page_size=5))


@pytest.mark.parametrize(
    "data", [{"text": "no question"}, {"question": "<a>"}, {"question": form(question("q", choice(fewest="2")))}]
)
def test_an_item_without_a_question_that_can_be_asked_is_blocked(data):
    assert any("holds no question that can be shown" in sentence for sentence in blocks(data, page_size=1))
