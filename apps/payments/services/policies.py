"""By which rules an organization pays."""

from typing import Any

from django.db import transaction

from apps.core import money, vault
from apps.core.money import BadAmount
from apps.members import trail
from apps.members.models import Organization, User
from apps.payments import destinations
from apps.payments.ibans import check_bic
from apps.payments.models import PayoutPolicy
from apps.payments.services.signing import BEFORE, SET_POLICY


@transaction.atomic
def set_policy(
    organization: Organization,
    *,
    currency: str,
    by: User,
    second_person_from: int | None = None,
    tax_report_from: int | None = None,
    payer_name: str = "",
    payer_iban: str | None = None,
    payer_bic: str = "",
) -> PayoutPolicy:
    """Set how an organization pays in a currency; None for the IBAN keeps the one it has, "" forgets it.

    Raises `BadDestination` for an IBAN or BIC that is none, or an account without its name in Latin letters;
    `BadAmount` for amounts below 0.
    """
    for amount in (second_person_from, tax_report_from):
        if amount is not None and amount < 0:
            raise BadAmount(f"{money.show(amount, currency)} is no limit: it should be 0 or above")
    values = {
        "second_person_from": second_person_from,
        "tax_report_from": tax_report_from,
        "payer_name": payer_name.strip(),
        "payer_bic": check_bic(payer_bic),
    }
    if payer_iban is not None:
        account = destinations.bank_account(name=payer_name, iban=payer_iban) if payer_iban.strip() else None
        values["payer_account"] = vault.seal(account.iban) if account else ""
        values["payer_shown"] = account.shown if account else ""
    before = PayoutPolicy.objects.select_for_update(no_key=True).filter(organization=organization, currency=currency)
    limit_before = before.values_list("second_person_from", flat=True).first()
    policy, _new = PayoutPolicy.objects.update_or_create(
        organization=organization, currency=money.check_currency(currency), defaults=values
    )
    if policy.payer_account:
        destinations.check_name(policy.payer_name)
    told: dict[str, Any] = {name: value for name, value in values.items() if name != "payer_account"}
    told[BEFORE] = limit_before
    trail.record(organization, verb=SET_POLICY, subject=f"policy:{policy.pk}", actor=by, **told)
    return policy
