"""By keyboard alone and by touch alone: every kind of question answered, and all else that a worker does."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.campaigns.models import Campaign, Contest, GoldQuestion
from apps.core import clock
from apps.kinds import names, of
from apps.kinds.framed import FramedKind
from apps.members.models import Role, User
from apps.payments.models import PayoutMethod
from apps.pipeline import flow, steps
from apps.quality import services as quality
from apps.quality.models import Dispute
from apps.work import services as work
from apps.work.models import Assignment, Judgment
from infra.pictures.elsewhere import REQUESTERS
from tests.browser.hands import HANDS, Hand
from tests.browser.working import Visit, radio, sees
from tests.factories import OrganizationFactory, UserFactory, member
from tests.running import answered, handed_in, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=HANDS)
def hand(request: pytest.FixtureRequest) -> Hand:
    return HANDS[request.param]


def test_every_kind_is_answered_and_handed_in(visit: Visit, hand: Hand):
    organization = OrganizationFactory()
    campaigns = {kind: _of_kind(kind, dataset__organization=organization) for kind in names()}
    user = UserFactory()
    worker_of(campaigns["single_choice"], user=user)
    page = visit(user=user, at="/work/", **hand.device)
    site = page.url.removesuffix("/work/")

    for kind, campaign in campaigns.items():
        page.goto(f"{site}/work/{campaign.pk}/")
        hand.press(page.get_by_role("button", name="Start"))
        if isinstance(of(kind), FramedKind):
            hand.choose(page.frame_locator("#frame").get_by_label("A cat"))
            hand.press(page.frame_locator("#frame").get_by_role("button", name="Submit"))
        else:
            sees(page, "0 of 1 done")
            _answer(page, hand)
            sees(page, "1 of 1 done")
            hand.press(page.get_by_role("button", name="Hand in and stop"))
        expect(page.get_by_role("heading", name="Handed in")).to_be_visible()

    assert sorted(Judgment.objects.values_list("campaign__kind", flat=True)) == sorted(campaigns)


def test_who_is_done_logs_out_and_going_back_shows_nothing_of_theirs(visit: Visit, hand: Hand):
    user = UserFactory()
    worker_of(running(items=2, page_size=2, name="Owls by night"), user=user)
    page = visit(user=user, at="/work/", **hand.device)
    expect(page.get_by_text("Owls by night").first).to_be_visible()

    hand.press(page.get_by_role("button", name="Log out"))
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.go_back()

    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.get_by_text("Owls by night")).to_have_count(0)
    assert not any(cookie["name"] == "sessionid" and cookie["value"] for cookie in page.context.cookies())


def _of_kind(kind: str, **values: object) -> Campaign:
    campaign = running(kind=kind, settings=of(kind).examples.settings, items=1, page_size=1, **values)
    framed = {"question": REQUESTERS.read_text()}
    campaign.dataset.items.update(data=framed if isinstance(of(kind), FramedKind) else of(kind).examples.item)
    return campaign


def _answer(page: Page, hand: Hand) -> None:
    """Answer the page's one question by its last control, so that all before it are passed."""
    controls = page.locator(".lc-place-widget").locator("input, textarea")
    if controls.first.get_attribute("type") in ("radio", "checkbox"):
        hand.choose(controls.last)
    else:
        hand.write(controls.last, "7")


def test_learning_asking_for_time_giving_back_and_changing(visit: Visit, hand: Hand):
    organization = OrganizationFactory()
    training = running(
        purpose="training", items=1, gold=1, page_size=1, price=0, grants="animals", dataset__organization=organization
    )
    GoldQuestion.objects.update(teaching=True, reason="It has whiskers.")
    campaign = running(items=4, page_size=1, price=10, grace_seconds=600, dataset__organization=organization)
    user = UserFactory()
    worker_of(campaign, user=user)
    page = visit(user=user, at=f"/work/{training.pk}/", **hand.device)
    site = page.url.partition("/work/")[0]

    hand.press(page.get_by_role("button", name="Start"))
    hand.choose(radio(page, 1, "dog"))
    hand.press(page.get_by_role("button", name="Hand in and stop"))
    expect(page.locator("#problems")).to_contain_text("It has whiskers")
    hand.choose(radio(page, 1, "cat"))
    hand.press(page.get_by_role("button", name="Hand in and stop"))
    expect(page.get_by_role("heading", name=re.compile("Handed in|Approved"))).to_be_visible()

    page.goto(f"{site}/work/{campaign.pk}/")
    hand.press(page.get_by_role("button", name="Start"))
    sees(page, "0 of 1 done")
    _nearly_over()
    page.reload()
    hand.press(page.get_by_role("button", name="More time"))
    expect(page.get_by_text("You have more time").first).to_be_visible()
    hand.press(page.locator(".lc-give-back > summary"))
    hand.press(page.get_by_role("button", name="Give back without answers"))
    expect(page.get_by_role("heading", name="Given back")).to_be_visible()

    hand.press(page.get_by_role("button", name="Next page"))
    sees(page, "0 of 1 done")
    hand.choose(radio(page, 1, "cat"))
    hand.press(page.get_by_role("button", name="Hand in and stop"))
    hand.press(page.get_by_role("link", name="Change your answers"))
    hand.choose(radio(page, 1, "cow"))
    hand.press(page.get_by_role("button", name="Keep the changes"))
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible()

    assert list(Judgment.objects.filter(campaign=campaign).values_list("answer", flat=True)) == ["cow"]
    assert Assignment.objects.filter(campaign=campaign, state="returned", shown_at__isnull=False).exists()


def test_disputing_contesting_being_paid_ones_own_data_and_being_erased(visit: Visit, hand: Hand):
    campaign = running(items=4, gold=1, page_size=2, price=10)
    user = UserFactory()
    worker = worker_of(campaign, user=user)
    rejected = quality.review(handed_in(campaign, worker))
    quality.decide(rejected, verdict="reject", reason="No.", by=member(campaign.organization, Role.REVIEWER))
    taught = _taught(campaign, user)
    page = visit(user=user, at=f"/work/pages/{rejected.assignment_id}/", **hand.device)
    site = page.url.partition("/work/")[0]

    hand.write(page.get_by_label("What is wrong with the rejection"), "They are cats.")
    hand.press(page.get_by_role("button", name="Dispute the rejection"))
    expect(page.get_by_role("heading", name="Your dispute")).to_be_visible()

    page.goto(f"{site}/work/pages/{taught.pk}/")
    hand.press(page.get_by_text("This known answer is wrong").first)
    hand.write(page.get_by_label("Why it is wrong").first, "It barks.")
    hand.press(page.get_by_role("button", name="Contest it").first)
    expect(page.get_by_text("You contested this answer").first).to_be_visible()

    page.goto(f"{site}/work/account/")
    hand.press(page.get_by_role("link", name="Bank account or PayPal"))
    hand.choose(page.get_by_label("PayPal", exact=True))
    hand.write(page.get_by_label("For PayPal"), "wanda@example.org")
    hand.press(page.get_by_role("button", name="Keep"))
    expect(page.locator("section", has=page.locator("#kept"))).to_contain_text("w")

    page.goto(f"{site}/work/account/")
    with page.expect_download() as begun:
        hand.press(page.get_by_role("link", name="Download it"))
    assert begun.value.suggested_filename == "labelcrowd-about-me.json"
    hand.press(page.get_by_role("link", name="Erase me"))
    hand.press(page.get_by_role("button", name="Erase me"))
    expect(page.get_by_text("You asked to be erased")).to_be_visible()
    hand.press(page.get_by_role("button", name="Keep my account after all"))
    expect(page.get_by_text("Your account stays")).to_be_visible()

    assert Dispute.objects.get().text == "They are cats."
    assert Contest.objects.get().text == "It barks."
    assert PayoutMethod.objects.get(worker=worker).method == "paypal"


def _taught(campaign: Campaign, user: User) -> Assignment:
    """Return a page with a question that teaches, answered wrongly."""
    teaching = running(
        items=4, gold=2, page_size=3, price=15, gold_share=0.5, early_gold=5,
        dataset__organization=campaign.organization,
    )  # fmt: skip
    GoldQuestion.objects.filter(campaign=teaching).update(teaching=True, reason="It has whiskers.")
    worker = user.workers.get()
    page = work.lease(teaching, worker=worker)
    flow.submit(page.pk, worker=worker, answers=answered(page, answer="dog"))
    steps.settle(page.pk)
    page.refresh_from_db()
    return page


def _nearly_over() -> None:
    """Let the page's time run short: on a phone its button comes only then."""
    Assignment.objects.filter(state="leased").update(expires_at=clock.now() + timedelta(seconds=100))
