"""Four eyes over what leaves an organization, by the payout policy's limit: what reaches it waits for a second person.

Locks are taken in this order wherever money of markets is decided about, so that no two wait for each other: campaign,
offer, slot, what is owed, offers and slots made for that alone, payout policy, sign-off, what a market was asked for,
organization, accounts and budgets.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from apps.core import clock, money
from apps.core.states import IllegalMove
from apps.members import trail
from apps.members.models import Organization, Trail, User
from apps.payments.models import Obligation, Payout, PayoutPolicy, SignOff

DAY = timedelta(days=1)
SET_POLICY, BEFORE = "set payout policy", "second_person_from_before"  # in the trail
GIVEN = (Obligation.Kind.BONUS, Obligation.Kind.ADJUSTMENT)  # owed before it is signed, and taken back if refused


@transaction.atomic
def sign_off(
    organization: Organization,
    *,
    verb: str,
    subject: str,
    amount: int,
    currency: str,
    reason: str,
    by: User,
    about: dict[str, Any] | None = None,
) -> bool:
    """Return whether this may be done now: it is below the limit, or somebody else asked for just the same before.

    `amount` is what leaves the organization by it, a market's fee included; it is taken together with what the same
    person asked for within a day (`asked_alone`). Else it is written down and waits; do nothing then. It goes on
    waiting, whatever becomes of the limit, until somebody else agrees or it is refused; asked for with another amount,
    the new one waits in its place. What was refused may be asked for anew, but for what was given: raises
    `IllegalMove`, as it was taken back.
    """
    limit = lock_limit(organization, currency, by=by)
    named = SignOff.objects.filter(organization=organization, verb=verb, subject=subject)
    rows = list(named.select_for_update(no_key=True).order_by("pk"))
    if verb in GIVEN and any(row.refused_by_id is not None for row in rows):
        raise IllegalMove(
            f"the {verb} was refused, and taken back: give another one, under a reference of its own",
            field="reference", found="that of one that was refused", wanted="one of its own",
        )  # fmt: skip
    before = next((row for row in rows if row.is_waiting), None)
    if before is None and limit is None:
        return True
    if before is not None and before.amount == amount:
        return before.asked_by_id != by.pk and _second(before, reason, by)
    if before is not None:
        _refuse(before, f"asked for anew, with {money.show(amount, currency)}", by)
    alone = asked_alone(organization, currency, by)
    row = SignOff.objects.create(
        organization=organization, verb=verb, subject=subject, about=about or {}, amount=amount, currency=currency,
        reason=reason, asked_by=by, needs_second=before is not None or (limit is not None and alone + amount >= limit),
    )  # fmt: skip
    if row.needs_second:
        _record(row, "ask for a second person", reason, by)
    return row.is_given


def lock_limit(organization: Organization, currency: str, *, by: User | None = None) -> int | None:
    """Return from how much on two people decide, None without a limit; until the transaction ends, nobody else is told.

    So two decisions of a person's at once are counted one after the other. Who raised the limit or took it away is
    bound by what it was before for a day: else one person would be both.
    """
    policy = PayoutPolicy.objects.select_for_update(no_key=True).filter(organization=organization, currency=currency)
    row = policy.values_list("pk", "second_person_from").first()
    if row is None:
        return None
    pk, limit = row
    changed = Trail.objects.filter(
        organization=organization, verb=SET_POLICY, subject=f"policy:{pk}", actor=by, at__gt=clock.now() - DAY
    )
    limits = [limit, *(line.data.get(BEFORE) for line in changed)] if by is not None else [limit]
    return min((each for each in limits if each is not None), default=None)


def asked_alone(organization: Organization, currency: str, by: User) -> int:
    """Return what a person asked for within a day and nobody else agreed to: batches of payouts, and decisions."""
    since = clock.now() - DAY
    asked = SignOff.objects.filter(
        organization=organization, currency=currency, asked_by=by, asked_at__gt=since, signed_by=None, refused_by=None
    )
    planned = Payout.objects.filter(
        Q(batch__approved_by=None) | Q(batch__approved_by=by), batch__organization=organization, currency=currency,
        batch__created_by=by, batch__created_at__gt=since,
    ).exclude(state=Payout.State.CANCELLED)  # fmt: skip
    return sum(rows.aggregate(sum=Sum("amount"))["sum"] or 0 for rows in (asked, planned))


@transaction.atomic
def refuse(row: SignOff, *, reason: str, by: User) -> SignOff:
    """Say no to what waits for a second person, or withdraw it: it is not done. What was given by it is owed no more.

    Raises `IllegalMove` where nothing waits.
    """
    lock_limit(row.organization, row.currency)
    row = SignOff.objects.select_for_update(no_key=True, of=("self",)).select_related("organization").get(pk=row.pk)
    if not row.is_waiting:
        raise IllegalMove(
            "it was signed or refused before: nothing waits", field="sign_off", found="decided", wanted="waiting"
        )
    return _refuse(row, reason, by)


def _refuse(row: SignOff, reason: str, by: User) -> SignOff:
    row.refused_by, row.refused_at = by, clock.now()
    row.save(update_fields=["refused_by", "refused_at"])
    _record(row, "refuse", reason, by)
    return row


def _second(row: SignOff, reason: str, by: User) -> bool:
    row.signed_by, row.signed_at = by, clock.now()
    row.save(update_fields=["signed_by", "signed_at"])
    _record(row, "agree", reason, by)
    return True


def _record(row: SignOff, verb: str, reason: str, by: User) -> None:
    trail.record(
        row.organization, verb=verb, subject=row.subject, actor=by, reason=reason, what=row.verb, amount=row.amount,
        currency=row.currency,
    )  # fmt: skip
