"""Pages that wait for a verdict, in the order in which a person wants to look at them."""

import pytest

from apps.quality import queries, services
from apps.quality.models import Review
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def waiting(campaign, *, answer="cat"):
    """Return the review of a new page that was put up for rejection."""
    review = services.review(handed_in(campaign, answer=answer))
    Review.objects.filter(pk=review.pk).update(proposal=Review.Verdict.REJECT)
    return review


def test_the_most_at_odds_with_the_labels_come_first():
    campaign = running(items=6, page_size=6, redundancy=5)
    with_all, against_all = waiting(campaign), waiting(campaign, answer="dog")
    for _ in range(3):
        handed_in(campaign)
    services.combine(campaign)

    found = list(queries.queue(campaign.organization, order="disagreement"))

    assert found == [against_all, with_all]
    assert found[0].disagreement > 0.5 > found[1].disagreement


def test_the_dearest_come_first():
    campaign = running(items=3, page_size=2, redundancy=1, price=10)
    full, half = waiting(campaign), waiting(campaign)

    assert list(queries.queue(campaign.organization, order="value")) == [full, half]


def test_a_sample_has_an_order_that_stays_and_other_organizations_are_not_in_it():
    campaign, other = running(items=8, page_size=1, redundancy=1), running()
    rows = {waiting(campaign) for _ in range(8)}
    waiting(other)

    first, again = (list(queries.queue(campaign.organization, order="sample")) for _ in range(2))

    assert first == again
    assert set(first) == rows
    assert first != list(queries.queue(campaign.organization))


def test_what_was_decided_waits_no_more():
    campaign = running(items=2, page_size=2, redundancy=1)
    services.decide(waiting(campaign), verdict="approve")

    assert not queries.queue(campaign.organization).exists()


def test_where_a_person_decides_about_all_pages_each_waits_and_what_a_program_brought_does_not():
    campaign = running(items=2, page_size=2, redundancy=1, review="person")
    review = services.review(handed_in(campaign))

    assert list(queries.queue(campaign.organization)) == list(queries.undecided(campaign)) == [review]
    assert review.grounds.startswith("every page waits for a person")

    type(campaign).objects.filter(pk=campaign.pk).update(open_ended=True)

    assert not queries.queue(campaign.organization).exists()
