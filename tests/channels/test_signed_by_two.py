"""What a second person has to agree to: counted as one sum of a day, kept as it was signed, shown, and told."""

import re
from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.states import IllegalMove
from apps.ledger import services as ledger
from apps.members.models import Trail
from apps.notices.models import Mail
from apps.payments import services as payments
from apps.payments.models import Obligation, SignOff
from apps.pipeline import market_checks, market_decisions, market_signing, schedule
from tests import belt
from tests.channels.faults import between, fine
from tests.channels.market import launched, offered, worked
from tests.channels.test_decided_once import given_up
from tests.channels.test_four_eyes import gives, limited
from tests.channels.test_refusals_and_late_payments import refused
from tests.console.house import client
from tests.factories import WorkerFactory, member
from tests.running import deposit

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(market):
    """Return a bonus of 25 that waits for a second person, with who asked and who may agree."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    frame = worked(market)
    fin, fatma = limited(campaign, 25)
    return gives(campaign, frame.claim().worker, 25, by=fin), fin, fatma


def asks(of, amount, *, by, subject="publication:x", verb="accept"):
    return payments.sign_off(of, verb=verb, subject=subject, amount=amount, currency="USD", reason="So it is", by=by)


def signers(campaign=None):
    campaign = campaign or offered()
    fin, fatma = limited(campaign, 50)
    return campaign.organization, fin, fatma


def test_sums_that_waited_together_do_not_pass_alone_the_day_after(market, time_machine):
    of, fin, fatma = signers()
    assert asks(of, 30, by=fin, subject="publication:1")
    assert not asks(of, 30, by=fin, subject="publication:2")
    time_machine.move_to(clock.now() + timedelta(days=2))

    assert not asks(of, 30, by=fin, subject="publication:2")
    assert asks(of, 30, by=fatma, subject="publication:2")


@pytest.mark.parametrize("limit", [1000, None])
def test_who_raised_the_limit_or_took_it_away_is_bound_by_the_one_before_for_a_day(market, time_machine, limit):
    of, fin, fatma = signers()
    payments.set_policy(of, currency="USD", by=fin, second_person_from=limit)

    assert not asks(of, 60, by=fin, subject="publication:1")
    assert asks(of, 60, by=fatma, subject="publication:2")
    time_machine.move_to(clock.now() + timedelta(hours=25))
    assert asks(of, 60, by=fin, subject="publication:3")


def test_a_batch_of_payouts_and_what_markets_pay_are_one_sum_of_a_day(market):
    of, fin, _ = signers()
    ledger.deposit(of, amount=1000, currency="USD", reference="bank 1")
    own = WorkerFactory(organization=of)
    payments.pay_bonus(own, amount=30, currency="USD", reference="b1", reason="Thorough", by=fin)
    assert not payments.plan_payouts(of, currency="USD", by=fin).needs_second

    assert not asks(of, 20, by=fin)
    payments.pay_bonus(own, amount=20, currency="USD", reference="b2", reason="Thorough", by=fin)
    assert payments.plan_payouts(of, currency="USD", by=fin).needs_second


def test_what_one_decided_alone_is_not_forgotten_when_another_decides_anew_about_the_same(market):
    of, fin, fatma = signers()
    assert asks(of, 30, by=fin)
    assert asks(of, 40, by=fatma)

    assert not asks(of, 20, by=fin, subject="publication:y")
    assert list(SignOff.objects.order_by("pk").values_list("asked_by", "amount")) == [
        (fin.pk, 30), (fatma.pk, 40), (fin.pk, 20),
    ]  # fmt: skip


def test_asked_for_with_another_amount_it_waits_anew_and_what_waited_is_kept_as_refused(market):
    of, fin, fatma = signers()
    assert not asks(of, 60, by=fin)

    assert not asks(of, 10, by=fatma)  # below the limit, and yet of what waits
    assert asks(of, 10, by=fin)

    assert list(SignOff.objects.order_by("pk").values_list("asked_by", "signed_by", "refused_by")) == [
        (fin.pk, None, fatma.pk), (fatma.pk, fin.pk, None),
    ]  # fmt: skip


def test_a_decision_done_by_two_wants_two_again_when_it_is_to_be_done_again(market):
    of, fin, fatma = signers()
    assert not asks(of, 60, by=fin)
    assert asks(of, 60, by=fatma)

    assert not asks(of, 60, by=fin)


@pytest.mark.parametrize(("verb", "amount"), [("add", "0.24"), ("adjust", "0.24")])
def test_a_markets_fee_counts_for_the_limit(market, settings, verb, amount):
    settings.MTURK_FEES = [20, 20, 0, 20, 1]
    market.reopen()
    campaign = launched(items=4, page_size=2, redundancy=1, price=10, budget=1000)
    worker = worked(market).claim().worker
    fin, _ = limited(campaign, 28)
    deposit(campaign, 500)

    client(fin).post(
        f"/admin/payments/obligation/{verb}/",
        {"organization": campaign.organization_id, "worker": worker.external_id, "amount": amount, "currency": "USD",
         "reference": "b1", "reason": "Thorough"},
    )  # fmt: skip

    row = SignOff.objects.get()
    assert (row.amount, row.needs_second) == (29, True)  # 24 and a fifth of it


def test_who_signs_reads_whose_money_it_is_and_comes_to_its_rows(waiting):
    owed, fin, fatma = waiting
    address = f"/admin/payments/signoff/{SignOff.objects.get().pk}"
    browser = client(fatma)

    for page in (f"{address}/change/", f"{address}/agree/", f"{address}/refuse/"):
        text = browser.get(page).content.decode()
        said = (
            owed.worker.external_id,
            str(owed.campaign),
            "mturk at testserver",
            "0.25",
            "Thorough",
            str(fin),
        )
        assert [each for each in said if each not in text] == []
        assert f"/admin/payments/obligation/{owed.pk}/change/" in text


def test_of_a_slot_it_is_shown_which_with_its_offer_and_what_is_owed(market):
    campaign, frame, fin = given_up(market)
    _, fatma = limited(campaign, 10)
    market_decisions.book_as_paid(frame.claim(), reason="It stood on its statement", by=fin)
    claim = frame.claim()

    text = client(fatma).get(f"/admin/payments/signoff/{SignOff.objects.get().pk}/agree/").content.decode()

    assert {claim.assignment, claim.worker.external_id} <= set(re.findall(r"\w+", text))
    linked = (("claim", claim.pk), ("publication", claim.publication_id))
    assert all(f"/admin/channels/{noun}/{pk}/change/" in text for noun, pk in linked)


def test_who_signs_reads_and_is_told_that_who_asked_saw_it_unpaid(market, mailoutbox):
    campaign, frame, fin = given_up(market)
    _, fatma = limited(campaign, 10)
    market_decisions.pay_besides(frame.claim(), reason="Be kind", by=fin, seen_unpaid=True)
    row = SignOff.objects.get()

    schedule.tell_of_sign_offs()
    belt.run()
    pages = [client(fatma).get(f"/admin/payments/signoff/{row.pk}/{name}/") for name in ("change", "agree")]

    (mail,) = [each for each in mailoutbox if each.subject.startswith("To be signed")]
    said = [page.content.decode() for page in pages] + [mail.body]
    assert all("that it did not pay it" in each for each in said)


def test_who_may_agree_gets_one_mail_when_it_begins_to_wait_and_who_asked_gets_none(waiting, mailoutbox):
    owed, fin, fatma = waiting
    member(owed.organization, "reviewer", email="rosa@example.org")

    for _ in range(2):
        schedule.tell_of_sign_offs()
        belt.run()

    (mail,) = [each for each in mailoutbox if each.subject.startswith("To be signed")]
    assert set(mail.to) == {fatma.email, "limits@example.org"}
    assert mail.subject == "To be signed: pay a bonus, 0.25 USD"
    assert all(each in mail.body for each in (str(fin), owed.worker.external_id, "Thorough"))
    assert f"/admin/payments/signoff/{SignOff.objects.get().pk}/change/" in mail.body
    assert Mail.objects.get(key__startswith="signoff:").but == fin


def test_of_one_who_agrees_while_another_refuses_a_decision_the_refusal_stands(market):
    campaign, frame, fin = given_up(market)
    _, fatma = limited(campaign, 10)
    market_decisions.pay_besides(frame.claim(), reason="Never paid there", by=fin, seen_unpaid=True)
    row = SignOff.objects.get()

    def refusing(request):
        if ".GetAssignment" not in str(request.headers["X-Amz-Target"]):
            return fine(request)
        market_signing.refuse(SignOff.objects.get(), reason="No", by=fin)  # while the market is being asked
        return refused(request, "AssignmentDoesNotExist")

    payments.set_policy(campaign.organization, currency="USD", by=fin, second_person_from=1000)
    market.reopen()
    between(market.client(), iter(lambda: refusing, None))
    with pytest.raises(IllegalMove, match="nothing is done"):
        market_signing.agree(row, reason="I read it", by=fatma)

    assert not frame.claim().besides
    assert SignOff.objects.get().refused_by == fin
    assert not Trail.objects.filter(verb__in=["agree", "pay besides"]).exists()


def test_what_was_refused_is_to_be_paid_by_nobody_in_no_list(waiting):
    owed, fin, fatma = waiting
    market_signing.refuse(SignOff.objects.get(), reason="He is my brother", by=fatma)

    browser = client(fin)
    listed = browser.get("/admin/payments/obligation/?paid=market").context["cl"].result_list

    assert not [row for row in listed if row.kind != "work"]
    page = browser.get(f"/admin/payments/obligation/{owed.pk}/change/").content.decode()
    assert "refused, and taken back" in page
    twin = Obligation.objects.get(kind="adjustment")
    assert "brother" not in twin.reason  # that the worker reads


def test_a_limit_in_another_currency_than_markets_pay_in_is_said_to_be_none_for_them(market):
    campaign = offered()
    boss = member(campaign.organization, "admin", email="boss@example.org")
    policy = payments.set_policy(campaign.organization, currency="EUR", by=boss, second_person_from=5000)
    address = f"/admin/payments/payoutpolicy/{policy.pk}/change/"

    found = [finding.sentence for finding in market_checks.offered(campaign)]
    page = client(boss).get(address).content.decode()
    payments.set_policy(campaign.organization, currency="USD", by=boss, second_person_from=5000)

    assert any("from a limit on in EUR, but mturk pays in USD" in said for said in found)
    assert "one person alone decides about any amount" in page
    assert not any("pays in USD" in finding.sentence for finding in market_checks.offered(campaign))
    assert "one person alone" not in client(boss).get(address).content.decode()


def test_a_limit_where_one_person_alone_may_sign_is_said_before_a_campaign_is_launched(market):
    campaign = offered()
    boss = member(campaign.organization, "admin", email="boss@example.org")
    payments.set_policy(campaign.organization, currency="USD", by=boss, second_person_from=5000)

    alone = [finding.sentence for finding in market_checks.offered(campaign)]
    member(campaign.organization, "finance", email="fin@example.org")
    two = [finding.sentence for finding in market_checks.offered(campaign)]

    assert ["and fewer here may" in " ".join(said) for said in (alone, two)] == [True, False]


def test_nothing_is_owed_that_no_market_can_be_asked_to_pay(market):
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    fin, _ = limited(campaign, 50)
    stranger = WorkerFactory(organization=campaign.organization, channel="mturk")

    with pytest.raises(IllegalMove, match="never took a slot at its market"):
        payments.pay_bonus(stranger, amount=5, currency="USD", reference="b1", reason="Thorough", by=fin)

    assert gives(campaign, stranger, 5, by=fin).amount == 5
