"""Money: the balance, and bonuses."""

from typing import Any

from django.db import transaction
from django.db.models import F, Sum

from apps.core import ids, money
from apps.ledger import queries as ledger
from apps.ledger import services as ledger_services
from apps.ledger.models import Account, Budget
from apps.payments import services as payments
from apps.turkapi import names, paging, queries, shapes
from apps.turkapi.errors import BadValue, missing
from apps.turkapi.models import Bonus, HitType
from apps.turkapi.services import fees, tokens
from apps.turkapi.services.hits import enough
from apps.turkapi.services.types import CURRENCY
from apps.turkapi.signing import Caller

Given = dict[str, Any]


def balance(caller: Caller, given: Given) -> Given:
    """Tell the organization's funds, and what its HITs hold for work that is not approved yet."""
    funds = ledger.balance(caller.organization, kind=Account.Kind.FUNDS, currency=CURRENCY)
    owners = [
        f"campaign:{pk}" for pk in HitType.objects.filter(organization=caller.organization).values_list("pk", flat=True)
    ]
    on_hold = Budget.objects.filter(owner__in=owners).aggregate(total=Sum(F("amount") - F("spent")))["total"] or 0
    return {"AvailableBalance": shapes.amount(funds, CURRENCY), "OnHoldBalance": shapes.amount(on_hold, CURRENCY)}


@transaction.atomic
def send_bonus(caller: Caller, given: Given) -> Given:
    tokens.use(caller.organization, "SendBonus", given.get("UniqueRequestToken"))
    assignment = queries.assignment(caller.organization, given["AssignmentId"])
    if names.worker_id(assignment.worker_id) != given["WorkerId"]:
        raise missing("Assignment", f"{given['AssignmentId']} of worker {given['WorkerId']}")
    amount = money.to_minor(given["BonusAmount"].rstrip("."), CURRENCY)
    if amount <= 0:
        raise BadValue(f"BonusAmount is {given['BonusAmount']}; it should be at least 0.01")
    if not given["Reason"].strip():
        raise BadValue("Reason is empty: the worker is told why")
    with enough():
        owed = payments.pay_bonus(
            assignment.worker,
            amount=amount,
            currency=CURRENCY,
            reference=f"mturk {ids.new_id().hex}",
            reason=given["Reason"],
            by=caller.user,
            campaign=assignment.campaign,
        )
        if fee := fees.of_bonus(amount):
            ledger_services.charge(
                caller.organization, amount=fee, currency=CURRENCY, reference=f"bonus:{owed.pk}", taker=payments.SERVICE
            )
    Bonus.objects.create(obligation=owed, assignment=assignment)
    return {}


def list_bonuses(caller: Caller, given: Given) -> Given:
    rows = Bonus.objects.filter(obligation__organization=caller.organization).select_related("obligation")
    if "AssignmentId" in given:
        rows = rows.filter(assignment=queries.assignment(caller.organization, given["AssignmentId"]))
    elif "HITId" in given:
        rows = rows.filter(assignment__places__task=queries.hit(caller.organization, given["HITId"]).task_id)
    else:
        raise BadValue("either HITId or AssignmentId has to be given")
    of = f"{caller.organization.pk} ListBonusPayments {given.get('AssignmentId')} {given.get('HITId')}"
    found, token = paging.page(rows, given, of=of)
    return {"NumResults": len(found), "NextToken": token, "BonusPayments": [_bonus(row) for row in found]}


def _bonus(row: Bonus) -> Given:
    owed = row.obligation
    return {
        "WorkerId": names.worker_id(owed.worker_id),
        "BonusAmount": shapes.amount(owed.amount, owed.currency),
        "AssignmentId": names.written(row.assignment_id),
        "Reason": owed.reason,
        "GrantTime": names.seconds(owed.owed_at),
    }
