"""Questions about what is owed and paid."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, ExtractYear, TruncDate

from apps.campaigns.models import Campaign
from apps.core import clock, money, vault
from apps.core.keys import key_of
from apps.ledger import queries as ledger
from apps.ledger.models import Account, Budget, Closing, Posting
from apps.members.models import Organization
from apps.payments.models import (
    BankFile,
    BudgetAlert,
    Obligation,
    Payout,
    PayoutBatch,
    PayoutMethod,
    PayoutPolicy,
    SignOff,
)
from apps.work.models import Assignment
from apps.workforce.models import Worker

EARNING = (Campaign.State.LAUNCHING, Campaign.State.RUNNING, Campaign.State.PAUSED, Campaign.State.STOPPING)
TAKEN_BACK = "refused:"  # how the reference of what takes back what was refused begins
# What moves payables without anybody having earned more or less.
PAID_OUT = ("payout", "return", "market")
HANDED_IN = (Assignment.State.SUBMITTED, Assignment.State.APPROVED, Assignment.State.REJECTED)
_PENDING = Coalesce(Sum("pay", filter=Q(state=Assignment.State.SUBMITTED)), 0)
_OWED = Coalesce(Sum("obligation__amount"), 0)
_PAID = Coalesce(
    Sum(
        "obligation__amount",
        filter=Q(obligation__payout__state=Payout.State.SENT) | Q(obligation__settlement__isnull=False),
    ),
    0,
)

_IS_PAID = Q(payout__state=Payout.State.SENT) | Q(settlement__isnull=False)


@dataclass(frozen=True)
class Earnings:
    """Amounts of one currency in minor units: handed in and not yet judged, approved and still owed, and sent."""

    currency: str
    pending: int
    approved: int
    paid: int


@dataclass(frozen=True)
class DayEarnings(Earnings):
    """What the pages of one campaign earned that were handed in on one day (UTC)."""

    day: date
    campaign: str
    language: str  # of the campaign, "" where it is not known
    pages: int
    rejected: int


def earnings(workers: Iterable[Worker]) -> list[Earnings]:
    """Return what these workers, who are one person, have earned, bonuses and adjustments too, by currency."""
    workers = list(workers)
    pending = dict(
        Assignment.objects.filter(worker__in=workers, state=Assignment.State.SUBMITTED)
        .values_list("currency")
        .annotate(total=Sum("pay"))
        .order_by()
    )
    owed = {
        currency: (total, paid)
        for currency, total, paid in Obligation.objects.filter(worker__in=workers)
        .values_list("currency")
        .annotate(total=Sum("amount"), paid=Coalesce(Sum("amount", filter=_IS_PAID), 0))
        .order_by()
    }
    found = []
    for currency in sorted({*pending, *owed}):
        total, paid = owed.get(currency, (0, 0))
        found.append(Earnings(currency, pending.get(currency, 0), total - paid, paid))
    return found


def is_owed(workers: Iterable[Worker]) -> bool:
    """Return whether these workers, who are one person, have something coming: pending, owed, or being sent."""
    return any(one.pending or one.approved for one in earnings(workers))


def credits(workers: Iterable[Worker]) -> QuerySet[Obligation]:  # noqa: A001 - what the books call them
    """Return bonuses and adjustments of these workers, newest first, with the reason that they are told."""
    return (
        Obligation.objects.filter(worker__in=list(workers))
        .exclude(kind=Obligation.Kind.WORK)
        .select_related("campaign", "payout")
        .order_by("-id")
    )


def earnings_by_day(workers: Iterable[Worker], *, since: datetime) -> list[DayEarnings]:
    """Return the same for each day since then and each campaign, newest first."""
    rows = (
        _handed_in(workers)
        .filter(submitted_at__gte=since)
        .annotate(day=TruncDate("submitted_at"))
        .values("currency", "day", "campaign__name", "campaign__language")
        .annotate(
            pending=_PENDING,
            owed=_OWED,
            paid=_PAID,
            n=Count("pk"),
            n_rejected=Count("pk", filter=Q(state=Assignment.State.REJECTED)),
        )
        .order_by("-day", "campaign__name", "currency")
    )
    return [
        DayEarnings(
            currency=row["currency"],
            pending=row["pending"],
            approved=row["owed"] - row["paid"],
            paid=row["paid"],
            day=row["day"],
            campaign=row["campaign__name"],
            language=row["campaign__language"],
            pages=row["n"],
            rejected=row["n_rejected"],
        )
        for row in rows
    ]


def _handed_in(workers: Iterable[Worker]) -> QuerySet[Assignment]:
    return Assignment.objects.filter(worker__in=list(workers), state__in=HANDED_IN)


def payout_methods(workers: Iterable[Worker]) -> list[PayoutMethod]:
    """Return where these workers, who are one person, are paid; each place once."""
    found = PayoutMethod.objects.filter(worker__in=list(workers)).order_by("-set_at")
    return list({(one.method, one.shown): one for one in found}.values())


def used_of_budget(campaign: Campaign, *, unused: Combinable) -> tuple[int, int]:
    """Return what of a campaign's budget is spent, or held for pages in hand, and that budget, both of one moment.

    `unused` says what is held for nobody's pages yet, as by offers of markets: those are not seen from here. Read
    before or after, it would tell of a use that never was, when offers are made or end between.
    """
    figures = Campaign.objects.filter(pk=campaign.pk).annotate(used=_used(unused)).values_list("used", "budget")
    used, budget = figures.get()
    return used or 0, budget


def _used(unused: Combinable) -> Combinable:
    its_budget = Budget.objects.filter(owner=key_of("campaign"))
    return Subquery(its_budget.values(used=F("held") + F("spent"))[:1]) - unused


def campaigns_to_alert(*, unused: Combinable) -> QuerySet[Campaign]:
    """Return the campaigns under way that have reached a mark of their budget, or a note of it that was not mailed.

    `unused` says of each what is held for nobody's pages yet. An open-ended campaign's budget is always just what its
    work costs, so that all of it is used says nothing.
    """
    told = BudgetAlert.objects.filter(campaign=OuterRef("pk"), budget=OuterRef("budget"))
    reached = Q()
    for mark in BudgetAlert.MARKS:
        reached |= Q(~Exists(told.filter(percent=mark)), percents__gte=F("budget") * mark)
    unmailed = Q(Exists(BudgetAlert.objects.filter(campaign=OuterRef("pk"), mailed_at=None)))
    told_of = Campaign.objects.filter(state__in=EARNING, budget__gt=0, open_ended=False)
    return told_of.annotate(percents=_used(unused) * 100).filter(reached | unmailed)


def blocks_closing(organization: Organization, *, until: datetime) -> list[str]:
    """Return what stands against closing the books up to `until`, a sentence each; nothing, as a rule."""
    off = [
        f"the books are off by {money.show(found.amount, found.currency)} ({found.what})"
        for found in ledger.imbalances(organization)
    ]
    before = Closing.objects.filter(organization=organization, until__lt=until).order_by("-until").first()
    owed = Obligation.objects.filter(organization=organization, owed_at__lt=until)
    booked = Posting.objects.filter(
        account__organization=organization, account__kind=Account.Kind.PAYABLE, entry__at__lt=until
    ).exclude(entry__kind__in=PAID_OUT)
    if before is not None:
        owed, booked = owed.filter(owed_at__gte=before.until), booked.filter(entry__at__gte=before.until)
    listed = dict(owed.values_list("currency").annotate(total=Sum("amount")).order_by())
    in_books = dict(booked.values_list("account__currency").annotate(total=Sum("amount")).order_by())
    for currency in sorted({*listed, *in_books}):
        rows, sums = listed.get(currency, 0), in_books.get(currency, 0)
        if rows != sums:
            off.append(f"{money.show(rows, currency)} is owed, but the books say {money.show(sums, currency)}")
    return off


def without_limit(organization: Organization, *, currency: str) -> str:
    """Return in which currencies two people decide from a limit on, where in this one they don't; "" elsewhere."""
    policies = PayoutPolicy.objects.filter(organization=organization, second_person_from__isnull=False)
    limited = sorted(policies.values_list("currency", flat=True))
    return "" if currency in limited else ", ".join(limited)


def is_limited(organization: Organization, *, currency: str) -> bool:
    """Return whether two people decide from a limit on in this currency."""
    limited = PayoutPolicy.objects.filter(organization=organization, second_person_from__isnull=False)
    return limited.filter(currency=currency).exists()


def to_sign(organizations: Iterable[object]) -> QuerySet[SignOff]:
    """Return the decisions about markets' money that wait for a second person, newest first."""
    return SignOff.objects.filter(
        organization__in=list(organizations), needs_second=True, signed_by=None, refused_by=None
    )


def waiting(*, since: datetime) -> QuerySet[SignOff]:
    """Return the decisions of all organizations that began to wait since then, oldest first."""
    rows = SignOff.objects.filter(needs_second=True, signed_by=None, refused_by=None, asked_at__gt=since)
    return rows.order_by("pk")


def is_signed(owed: Obligation) -> bool:
    """Return whether all have signed a bonus or an adjustment who must, before a market pays it."""
    return signed(owed) is True


def signed(owed: Obligation) -> bool | None:
    """Return the same; None while it waits, False once it was refused."""
    named = SignOff.objects.filter(organization=owed.organization_id, subject=f"obligation:{owed.pk}", verb=owed.kind)
    row = named.filter(needs_second=True, signed_by=None).first()
    return True if row is None else None if row.is_waiting else False


def taken_back() -> Q:
    """Return what says of what is owed that a second person refused it, and of what took it back: both are nothing."""
    of = SignOff.objects.filter(
        organization=OuterRef("organization"), verb=OuterRef("kind"), subject=key_of("obligation")
    )
    return Q(Exists(of.exclude(refused_by=None))) | Q(kind=Obligation.Kind.ADJUSTMENT, reference__startswith=TAKEN_BACK)


def unsettled(organization: Organization, *, until: datetime) -> QuerySet[Payout]:
    """Return the payouts begun before `until` of which nobody said yet whether they were sent."""
    return Payout.objects.filter(
        batch__organization=organization, state=Payout.State.SENDING, begun_at__lt=until
    ).order_by("begun_at")


def owed_again(payouts: QuerySet[Payout]) -> QuerySet[Payout]:
    """Return those of these payouts that failed or came back, and hold something that is in no payout since."""
    again = Obligation.objects.filter(lines__payout=OuterRef("pk"), payout=None)
    return payouts.filter(Exists(again), state__in=[Payout.State.FAILED, Payout.State.RETURNED])


def bank_file(batch: PayoutBatch, *, format_: str) -> bytes | None:
    """Return a batch's file of this format as it was made, in clear; None where none was made, b"" once forgotten."""
    kept = BankFile.objects.filter(batch=batch, format=format_).first()
    if kept is None:
        return None
    return vault.open_sealed(kept.sealed).encode() if kept.sealed else b""


def named_until(worker: Worker) -> date | None:
    """Return until which day tax reports may name a worker for what they were paid so far; None where none will.

    A year is reported in the next ones (`settings.TAX_NAMES_KEPT_YEARS`). What was paid and came back counts: it did in
    its year.
    """
    paid = Payout.objects.filter(worker=worker, executed_on__isnull=False)
    sums = paid.values_list("currency", ExtractYear("executed_on")).annotate(total=Sum("amount")).order_by()
    policies = PayoutPolicy.objects.filter(organization=worker.organization_id)
    limits = dict(policies.values_list("currency", "tax_report_from"))
    years = [year for currency, year, total in sums if total >= (limits.get(currency) or 0)]
    until = date(max(years) + settings.TAX_NAMES_KEPT_YEARS + 1, 1, 1) if years else None
    return until if until and until > clock.now().date() else None
