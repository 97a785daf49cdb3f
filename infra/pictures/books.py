"""What finance's pages show: payouts on all their ways, a month that was closed and one to close, files being made."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Model

from apps.channels import queries as channels
from apps.channels.models import Claim, Publication, Reconciliation
from apps.core import clock
from apps.ledger import services as ledger
from apps.ledger.models import Closing, Entry
from apps.members.models import Organization, Role, User
from apps.notices.models import Endpoint, Event, Notice
from apps.payments import destinations
from apps.payments import services as payments
from apps.payments.models import Obligation, PayoutBatch, SignOff
from apps.payments.results import Result
from apps.pipeline import flow
from apps.pipeline.models import Operation
from apps.reports.payments import paying
from apps.work.models import Assignment
from apps.workforce.models import Worker
from infra.pictures.watched import CURRENCY, Crowd, Watched
from tests.console.house import house
from tests.factories import member

IBANS = (
    "NL91 ABNA 0417 1643 00", "DE89 3704 0044 0532 0130 00", "AT61 1904 3002 3457 3201",
    "FR14 2004 1010 0505 0001 3M02 606",
)  # fmt: skip


@dataclass
class Books:
    """What the pictures' addresses need; `rows` holds one row of each model, of another organization."""

    other_boss: User
    done: PayoutBatch
    sending: PayoutBatch
    planned: PayoutBatch
    closing: Closing
    entry: Entry
    obligation: Obligation
    compared: Reconciliation
    slot: Claim
    signoff: SignOff
    rows: dict[str, Model] = field(default_factory=dict)


def make(made: Watched) -> Books:
    """Make all of it, in the organization of the requester's pages and, one row of each model, in another."""
    finance, boss = made.people["finance"], made.people["admin"]
    of = made.organization
    second = member(of, Role.FINANCE, name="Fatma Kaya")
    payments.set_policy(
        of, currency=CURRENCY, by=boss, second_person_from=600, tax_report_from=100, payer_name=of.name,
        payer_iban="PT50 0002 0123 1234 5678 9015 4",
    )  # fmt: skip
    for number, worker in enumerate(made.workers[:-1]):
        _paid_to(worker, iban=IBANS[number] if number < len(IBANS) else "")
    done = _plan(of, finance)
    payments.approve_batch(done, by=second)
    for name in ("sepa", "paypal", "csv"):
        payments.begin_all(done, by=finance, only=paying.payable_by(name), sent_in=name)
    payments.take_results(done, results=_results(done), by=finance)
    crowd = Crowd(made.campaign, made.workers[:4])
    crowd.work(pages=1)
    sending = _plan(of, finance)
    payments.approve_batch(sending, by=second)
    payments.begin_all(sending, by=finance, only=paying.payable_by("sepa"), sent_in="sepa")
    crowd.work(pages=2)
    bonus = payments.pay_bonus(
        made.workers[0], amount=500, currency=CURRENCY, reason="For notes on lights that are covered", by=finance,
        reference="bonus 7", campaign=made.campaign,
    )  # fmt: skip
    planned = _plan(of, finance)
    payments.raise_alerts(made.campaign, unused=channels.held_for_nobody())
    closing = _months(of, boss)
    _machines(made)
    _files(made)
    slot = _at_a_market(made)
    payments.sign_off(
        of, verb="pay besides", subject=f"claim:{slot.pk}", amount=900, currency=CURRENCY, by=second,
        reason="Its market was closed before it paid: I looked at its last statement.",
    )  # fmt: skip
    other = house()
    return Books(
        member(other.organization, Role.ADMIN, name="Otto Lang"), done, sending, planned, closing,
        entry=Entry.objects.filter(organization=of, reference__startswith="deposit:Transfer").latest("id"),
        obligation=bonus, compared=_compared(slot), slot=slot,
        signoff=SignOff.objects.get(subject__startswith="claim:"), rows=other.rows,
    )  # fmt: skip


def _paid_to(worker: Worker, *, iban: str) -> None:
    if worker.user is None:
        raise RuntimeError(f"{worker} is nobody's")
    mail = destinations.paypal(address=worker.user.email)
    method = destinations.bank_account(name=worker.name, iban=iban) if iban else mail
    payments.set_own_payout_method(worker.user, method=method)


def _plan(of: Organization, by: User) -> PayoutBatch:
    return payments.plan_payouts(of, currency=CURRENCY, by=by)


def _results(batch: PayoutBatch) -> list[Result]:
    """One account that is closed; the others were paid."""
    rows = list(batch.payouts.order_by("pk"))
    said = [Result(n, row.reference, f"2041-{n:03}", "") for n, row in enumerate(rows[:-1], start=2)]
    return [*said, Result(len(rows) + 1, rows[-1].reference, "", "Account closed")]


def _months(of: Organization, by: User) -> Closing:
    """Two months of the past: one is closed, one is not."""
    outside, funds = (ledger.account(of, kind=kind, currency=CURRENCY) for kind in ("outside", "funds"))
    last = clock.now().date().replace(day=1) - timedelta(days=1)
    before = last.replace(day=1) - timedelta(days=1)
    for at, name, amount in ((before, "2026-101", 60_000), (last, "2026-109", 80_000)):
        day = datetime.combine(at.replace(day=12), datetime.min.time(), tzinfo=clock.now().tzinfo)
        reference = f"deposit:Transfer {name}"
        ledger.post(of, reference=reference, legs={outside: -amount, funds: amount}, memo=f"Transfer {name}", at=day)
    return payments.close_month(of, month=date(before.year, before.month, 1), by=by)


def _machines(made: Watched) -> None:
    endpoint = Endpoint.objects.create(
        organization=made.organization, url="https://labels.example/hooks", events=[Event.CAMPAIGN_ENDED], sealed="x"
    )
    for key, values in (
        ("signs", {"state": "sent", "sent_at": clock.now()}),
        ("lights", {"state": "waiting"}),
    ):
        Notice.objects.create(endpoint=endpoint, event=Event.CAMPAIGN_ENDED, key=key, body="{}", **values)


def _files(made: Watched) -> None:
    """A long export that waits, one under way, and one that failed."""
    asked = {
        "format": "xlsx", "since": "2026-01-01T00:00:00+00:00", "until": "2026-12-01T00:00:00+00:00",
    }  # fmt: skip
    subject = f"organization:{made.organization.pk}"
    for state, values in (
        ("failed", {"problem": "The books differ from what is owed.", "finished_at": clock.now()}),
        ("running", {"done": 41_000, "total": 60_000}),
        ("waiting", {}),
    ):
        row = flow.ask_for(
            made.organization, verb="export_payments", subject=subject, asked=asked, by=made.people["finance"]
        )
        Operation.objects.filter(pk=row.pk).update(state=state, **values)


def _at_a_market(made: Watched) -> Claim:
    """A slot that its market won't approve, of an offer that was given up at an endpoint that is used no more."""
    now = clock.now()
    page = Assignment.objects.filter(campaign=made.campaign, state=Assignment.State.APPROVED).latest("submitted_at")
    offer = Publication.objects.create(
        campaign=made.campaign, channel="mturk", state="collected", asked=3, slots=3, reward=300, fee=60,
        lease_seconds=600, name="3EXAMPLE7HIT01", environment="old.example.org", offered_at=now, withdrawn_at=now,
        expires_at=now, accepted_at=now,
        problem="it was made at old.example.org, and AWS_ENDPOINT_URL_MTURK leads to labels.example.org now",
    )  # fmt: skip
    return Claim.objects.create(
        publication=offer, state="confirmed", assignment="3EXAMPLE7SLOT01", worker=page.worker, page=page,
        verdict="submitted", confirmed_at=now,
    )  # fmt: skip


def _compared(slot: Claim) -> Reconciliation:
    """Two lists of a market's that were compared: one agrees, one does not, and some of it was not read."""
    now, of = clock.now(), slot.publication.campaign.organization
    both = {"organization": of, "channel": "mturk", "currency": "USD", "publications": 3, "pending": 1, "ended_at": now}
    Reconciliation.objects.create(**both, ours=41, ours_amount=1_640, market=41, market_amount=1_640, fees=328)
    return Reconciliation.objects.create(
        **both, ours=44, ours_amount=1_760, market=43, market_amount=1_720, fees=352, unread=2,
        differences=[
            {"side": side, "times": 1, "kind": kind, "amount": 40, "worker": "A2EXAMPLE9XK",
             "assignment": "3EXAMPLE7PAGE1", "offer": str(slot.publication_id)}
            for side, kind in (("market", "bonus"), ("market", "reward"), ("ours", "reward"))
        ],
        orphans=[{"name": "3EXAMPLE7HIT99", "publication": "", "campaign": "Traffic lights at crossings"}],
    )  # fmt: skip
