"""S11: webhooks: what happened is told, signed, until it is taken; once, and to nobody else."""

import base64
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection, transaction
from hooks import is_signed, listening

from apps.core import clock
from apps.members.models import Role
from apps.notices import queries, services
from apps.notices.models import Attempt, Endpoint, Event, Notice
from apps.payments import services as payments
from apps.pipeline import announcing, flow, schedule, steps
from apps.pipeline.outstanding import outstanding
from apps.quality import services as quality
from apps.work import services as work
from labelcrowd import broker
from tests import belt
from tests.factories import OrganizationFactory, member
from tests.running import handed_in, running, worker_of

pytestmark = pytest.mark.django_db
ALL = list(Event)


def told(receiver):
    return [json.loads(body)["type"] for _, _, body in receiver.seen]


def test_a_campaigns_life_is_told_and_signed(receiver):
    campaign = running(items=1, page_size=1, redundancy=1, grace_seconds=0)
    _, secret = listening(campaign.organization, receiver)

    flow.pause(campaign)
    flow.resume(campaign)
    handed_in(campaign)
    belt.run()

    written = list(Notice.objects.order_by("pk").values_list("event", flat=True))
    assert written[:2] == ["campaign.paused", "campaign.resumed"]
    assert sorted(told(receiver)) == sorted(written)
    assert {"assignment.approved", "consensus.updated", "campaign.ended"} <= set(told(receiver))
    assert all(is_signed(receiver, number, secret) for number in range(len(receiver.seen)))
    assert not is_signed(receiver, 0, "whsec_" + base64.b64encode(b"another").decode())


def test_an_endpoint_is_told_of_what_it_asked_for_and_nothing_of_others(receiver):
    campaign, other = running(items=2), running(items=2)
    listening(campaign.organization, receiver, Event.CAMPAIGN_STOPPED)

    flow.pause(campaign)
    flow.stop(other)
    flow.stop(campaign)
    belt.run()

    assert told(receiver) == ["campaign.stopped"]
    assert json.loads(receiver.seen[0][2])["data"]["campaign"] == str(campaign.pk)


def test_what_was_undone_is_not_told(receiver):
    campaign = running(items=2)
    listening(campaign.organization, receiver)

    with transaction.atomic():
        flow.pause(campaign)
        transaction.set_rollback(True)

    assert not Notice.objects.exists()


def test_a_step_that_runs_twice_tells_once(receiver):
    campaign = running(items=2, page_size=1, grace_seconds=0)
    listening(campaign.organization, receiver, Event.ASSIGNMENT_APPROVED, Event.ASSIGNMENT_EXPIRED)
    page = handed_in(campaign)

    for _ in range(2):
        steps.settle(page.pk)
        steps.expire(page.pk)

    assert Notice.objects.count() == 1


def test_a_rejection_and_an_expired_lease_are_told(receiver):
    campaign = running(items=4, page_size=1, grace_seconds=0)
    listening(campaign.organization, receiver, Event.ASSIGNMENT_REJECTED, Event.ASSIGNMENT_EXPIRED)
    review = quality.review(handed_in(campaign))
    flow.decide(review, verdict="reject", reason="at random", by=member(campaign.organization, Role.REVIEWER))
    page = work.lease(campaign, worker=worker_of(campaign))
    with time_machine.travel(clock.now() + timedelta(days=1)):
        steps.expire(page.pk)

    assert list(Notice.objects.order_by("pk").values_list("event", flat=True)) == [
        "assignment.rejected", "assignment.expired",
    ]  # fmt: skip


def test_a_payout_is_told_of_as_its_row_says_once(receiver):
    campaign = running(items=2, page_size=1, price=10)
    page = handed_in(campaign)
    boss = member(campaign.organization, Role.FINANCE)
    flow.decide(quality.review(page), verdict="approve", by=boss)
    listening(campaign.organization, receiver)
    batch = payments.plan_payouts(campaign.organization, currency="USD", by=boss)
    payments.approve_batch(batch, by=boss)
    payout = batch.payouts.get()
    payments.begin(payout)
    payments.confirm(payout, receipt="bank 7", by=boss)

    assert schedule.tell_of_payouts() == 1
    assert schedule.tell_of_payouts() == 0
    (notice,) = Notice.objects.all()
    assert notice.content["data"]["payout"] == str(payout.pk)
    assert notice.event == "payout.sent"


def test_a_new_webhook_is_told_of_payouts_that_fail_from_then_on_and_not_of_earlier_ones(receiver):
    campaign = running(items=4, page_size=1, price=10)
    boss = member(campaign.organization, Role.FINANCE)
    for _ in range(2):
        flow.decide(quality.review(handed_in(campaign)), verdict="approve", by=boss)
    batch = payments.plan_payouts(campaign.organization, currency="USD", by=boss)
    payments.approve_batch(batch, by=boss)
    earlier, later = batch.payouts.all()
    payments.fail(earlier, problem="no such account", by=boss)
    listening(campaign.organization, receiver, Event.PAYOUT_FAILED)
    payments.fail(later, problem="no such account", by=boss)

    made = [schedule.tell_of_payouts() for _ in range(2)]

    assert made == [1, 0]
    assert Notice.objects.get().content["data"]["payout"] == str(later.pk)


def test_what_was_told_or_given_up_is_forgotten_after_thirty_days_with_its_tries_and_what_waits_stays(receiver):
    organization = OrganizationFactory()
    listening(organization, receiver, Event.CAMPAIGN_ENDED)
    (waiting,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="waits", data={})
    (told_of,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="told", data={})
    services.deliver(told_of)
    (given_up,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="given up", data={})
    Notice.objects.filter(pk=given_up).update(state=Notice.State.FAILED)

    with time_machine.travel(clock.now() + timedelta(days=29)):
        schedule.forget()
    assert Notice.objects.count() == 3
    with time_machine.travel(clock.now() + timedelta(days=31)):
        schedule.forget()

    assert [notice.pk for notice in Notice.objects.all()] == [waiting]
    assert not Attempt.objects.exists()


def test_a_notice_that_is_not_taken_is_tried_again_later_and_given_up_after_a_day(receiver):
    organization = OrganizationFactory()
    listening(organization, receiver)
    receiver.shutdown()
    receiver.server_close()
    services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={})
    notice = Notice.objects.get()
    now = clock.now()
    for wait in (timedelta(0), *services.WAITS[:-1]):
        assert not [each for each in belt.due() if each.step == "deliver"] or wait == timedelta(0)
        now += wait + timedelta(seconds=1)
        with time_machine.travel(now, tick=False):
            assert [each.pk for each in belt.due() if each.step == "deliver"] == [notice.pk]
            services.deliver(notice.pk)

    notice.refresh_from_db()
    assert (notice.state, notice.tries) == (Notice.State.FAILED, len(services.WAITS))
    assert "the connection failed" in Attempt.objects.first().problem
    assert now - notice.created_at > timedelta(hours=17)


def test_an_endpoint_that_does_not_answer_rests_twice_as_long_each_time_and_what_waits_a_day_is_given_up(receiver):
    organization = OrganizationFactory()
    endpoint, _ = listening(organization, receiver)
    receiver.shutdown()
    receiver.server_close()
    for number in range(3):
        services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key=f"{number}", data={})
    rests, now = [], clock.now() + timedelta(seconds=1)

    while endpoint.notices.filter(state=Notice.State.WAITING).exists():
        with time_machine.travel(now, tick=False):
            services.deliver(queries.next_of(organization.pk).pk)
            assert queries.next_of(organization.pk) is None
            endpoint.refresh_from_db()
            rests.append((endpoint.rests_until - now).total_seconds())
            now = min(max(endpoint.rests_until, each.due_at) for each in endpoint.notices.all()) + timedelta(seconds=1)

    assert rests[:4] == [5, 10, 20, 40]
    assert rests[-1] == 1800
    assert timedelta(hours=17) < now - endpoint.created_at < services.TOO_LATE + timedelta(hours=11)


def test_an_answer_and_a_change_by_its_owner_end_an_endpoints_rest(receiver):
    organization = OrganizationFactory()
    endpoint, _ = listening(organization, receiver, path="/410")
    Endpoint.objects.update(failures=3, rests_until=clock.now() + timedelta(minutes=5))
    services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={})
    assert queries.next_of(organization.pk) is None

    services.change_endpoint(endpoint, url=endpoint.url.replace("/410", "/hook"))

    assert queries.next_of(organization.pk)
    belt.run()
    assert told(receiver) == ["campaign.ended"]


@pytest.mark.django_db(transaction=True)
def test_servers_of_one_organization_that_hang_hold_one_thread_and_those_of_another_are_told_meanwhile(receiver):
    slow, other = OrganizationFactory(), OrganizationFactory()
    for _ in range(2):
        listening(slow, receiver, path="/hang")
    listening(other, receiver, path="/hook")
    names = range(broker.OUTSIDE_THREADS)
    waiting = [
        pk for name in names for pk in services.announce(slow.pk, event=Event.CAMPAIGN_ENDED, key=f"{name}", data={})
    ]
    (theirs,) = services.announce(other.pk, event=Event.CAMPAIGN_ENDED, key="x", data={})

    with ThreadPoolExecutor(broker.OUTSIDE_THREADS) as threads:
        steps_done = [threads.submit(delivered, pk) for pk in waiting]
        while not receiver.seen:  # till one hangs
            time.sleep(0.01)
        steps_done.append(threads.submit(delivered, theirs))
        steps_done[-1].result(timeout=60)
        told_meanwhile = [path for path, _, _ in receiver.seen]
        receiver.let_go.set()
        following = [each.result() for each in steps_done]

    assert sorted(told_meanwhile) == ["/hang", "/hook"]
    assert sum(bool(each) for each in following) == 1  # who called goes on with what is next
    belt.run()
    assert not Notice.objects.exclude(state=Notice.State.SENT).exists()


def delivered(pk):
    """Do the step in a thread that closes its connection, as a worker's does at its end."""
    try:
        return announcing.deliver(pk)
    finally:
        connection.close()


def test_a_notice_is_sent_once_its_time_has_come_and_not_twice(receiver):
    organization = OrganizationFactory()
    listening(organization, receiver)
    (pk,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={"a": 1})

    services.deliver(pk)
    services.deliver(pk)

    assert len(receiver.seen) == 1
    assert Notice.objects.get().state == Notice.State.SENT


def test_who_answers_gone_is_told_no_more(receiver):
    organization = OrganizationFactory()
    listening(organization, receiver, path="/410")
    (pk,) = services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={})

    services.deliver(pk)

    assert Endpoint.objects.get().disabled_at
    assert services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="y", data={}) == []
    assert not [each for each in belt.due() if each.step == "deliver"]


@pytest.mark.parametrize(
    ("url", "events"),
    [("http://10.0.0.1/", ALL), ("https://elsewhere.org/", ALL), ("ftp://127.0.0.1/", ALL), ("http://127.0.0.1/", []),
     ("http://127.0.0.1/", ["campaign.burned"]), ("http://127.0.0.1/" + "x" * 500, ALL)],
)  # fmt: skip
def test_an_endpoint_where_no_request_may_go_is_not_added(receiver, url, events):
    with pytest.raises(services.BadEndpoint):
        services.add_endpoint(OrganizationFactory(), url=url, events=events)


def test_an_event_costs_one_query_where_nobody_listens(django_assert_num_queries):
    organization = OrganizationFactory()

    with django_assert_num_queries(1):
        assert services.announce(organization.pk, event=Event.CAMPAIGN_ENDED, key="x", data={}) == []


def test_a_process_that_dies_between_labels_and_their_announcement_leaves_it_to_the_sweep(receiver):
    campaign = running(items=1, page_size=1, redundancy=1, grace_seconds=0)
    listening(campaign.organization, receiver, Event.CONSENSUS_UPDATED)
    handed_in(campaign, worker_of(campaign))

    quality.combine(campaign)  # and no more of the step
    due = [each for each in outstanding() if each.step == "combine"]
    steps.combine(campaign.pk)

    assert [each.pk for each in due] == [campaign.pk]
    assert Notice.objects.get().event == Event.CONSENSUS_UPDATED
    assert not [each for each in outstanding() if each.step == "combine"]


def test_the_last_fit_is_told_of_as_final(receiver):
    campaign = running(items=1, page_size=1, redundancy=1, grace_seconds=0)
    listening(campaign.organization, receiver, Event.CONSENSUS_UPDATED, Event.CAMPAIGN_ENDED)
    handed_in(campaign, worker_of(campaign))

    belt.run()

    bodies = [json.loads(body)["data"] for _, _, body in receiver.seen]
    assert [body["final"] for body in bodies if "final" in body][-1] is True


PUBLISHED = Path(__file__).parents[2] / "var" / "api_oracles" / "bin" / "python"
VERIFY = """
import json, sys
from standardwebhooks.webhooks import Webhook
secret, headers, body = json.load(sys.stdin)
print(json.dumps(Webhook(secret).verify(body, headers)))
"""


@pytest.mark.skipif(
    not PUBLISHED.exists(), reason="NOT VERIFIED by the published library: run `make api-oracles` first"
)
def test_the_published_library_verifies_what_is_sent_and_refuses_what_was_changed(receiver):
    campaign = running(items=1, page_size=1, redundancy=1, grace_seconds=0)
    _, secret = listening(campaign.organization, receiver)
    flow.pause(campaign)
    belt.run()
    headers = {name.lower(): value for name, value in receiver.headers_seen[0].items()}
    body = receiver.seen[0][2].decode()

    def verified(*, with_body: str) -> subprocess.CompletedProcess[str]:
        told = json.dumps([secret, headers, with_body])
        return subprocess.run([PUBLISHED, "-c", VERIFY], input=told, capture_output=True, text=True)

    assert json.loads(verified(with_body=body).stdout) == json.loads(body)
    assert "WebhookVerificationError" in verified(with_body=body.replace("paused", "stopped")).stderr
