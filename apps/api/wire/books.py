"""The books: accounts, budgets, months, and by which rules an organization pays."""

from typing import Any

from rest_framework import serializers

from apps.api.wire.base import MOST_MINOR, BankDay, Currency, In, Minor
from apps.campaigns.models import PayPolicy
from apps.ledger.models import Account, Budget, Closing
from apps.payments.models import BudgetAlert, PayoutPolicy
from apps.quality.models import RejectionPolicy

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class AccountOut(serializers.ModelSerializer):
    balance = serializers.IntegerField(source="total", help_text="In minor units.")

    class Meta:
        model = Account
        fields = ("id", "kind", "owner", "currency", "balance")


class BudgetOut(serializers.ModelSerializer):
    free = serializers.IntegerField(help_text="What may still be held.")

    class Meta:
        model = Budget
        fields = ("id", "owner", "currency", "amount", "held", "spent", "free")


class MoneyIn(In):
    amount = Minor()
    currency = Currency()
    reference = serializers.CharField(max_length=80, help_text="Once for each, as the bank names it.")


class CorrectionIn(In):
    reason = serializers.CharField(max_length=2000)


class ClosingOut(serializers.ModelSerializer):
    class Meta:
        model = Closing
        fields = ("id", "month", "until", "entries", "postings", "sha256", "closed_by", "closed_at")


class ClosingIn(In):
    month = serializers.RegexField(MONTH, help_text="As in 2026-05; closed for good, with all before it.")


class StatementOut(serializers.Serializer):
    """One currency in one month: a column for each account, in minor units."""

    currency = serializers.CharField()
    accounts = serializers.ListField(child=serializers.CharField())
    opening = serializers.ListField(child=serializers.IntegerField())
    movements = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField()))
    closing = serializers.ListField(child=serializers.IntegerField())


class MonthOut(serializers.Serializer):
    month = serializers.CharField()
    entries = serializers.IntegerField()
    statements = StatementOut(many=True)
    blocks = serializers.ListField(child=serializers.CharField(), help_text="What stands against closing it.")
    markets = serializers.ListField(
        child=serializers.CharField(), help_text="What of outside markets is open; it does not stand against closing."
    )
    unsettled = serializers.IntegerField(help_text="Payouts whose end nobody told yet.")
    closed = serializers.BooleanField()
    intact = serializers.BooleanField(allow_null=True, help_text="Of a closed one: whether it is as it was closed.")


class PayPolicyOut(serializers.ModelSerializer):
    class Meta:
        model = PayPolicy
        fields = ("id", "currency", "hourly")


class PayPolicyIn(In):
    currency = Currency()
    hourly = Minor(help_text="The least pay for an hour.")


class RejectionPolicyOut(serializers.ModelSerializer):
    class Meta:
        model = RejectionPolicy
        fields = ("id", "currency", "second_person_from")


class RejectionPolicyIn(In):
    currency = Currency()
    second_person_from = Minor(min_value=0, help_text="Of pay that one person rejected within a day.")


class PayoutPolicyOut(serializers.ModelSerializer):
    class Meta:
        model = PayoutPolicy
        fields = (
            "id", "currency", "second_person_from", "tax_report_from", "payer_name", "payer_shown", "payer_bic",
        )  # fmt: skip


class PayoutPolicyIn(In):
    currency = Currency()
    second_person_from = Minor(min_value=0, required=False, allow_null=True)
    tax_report_from = Minor(min_value=0, required=False, allow_null=True)
    payer_name = serializers.CharField(max_length=70, allow_blank=True, default="")
    payer_iban = serializers.CharField(
        max_length=60, allow_blank=True, required=False, help_text="The one it has if left out."
    )
    payer_bic = serializers.RegexField(r"^([A-Za-z0-9]{8}([A-Za-z0-9]{3})?)?$", allow_blank=True, default="")


class BudgetAlertOut(serializers.ModelSerializer):
    class Meta:
        model = BudgetAlert
        fields = ("id", "campaign", "percent", "budget", "used", "at", "mailed_at")


class BankFormat(In):
    format = serializers.CharField(max_length=20, help_text="As in sepa, paypal, csv.")


class BegunOut(serializers.Serializer):
    begun = serializers.IntegerField(help_text="How many payouts are being sent by this.")


class ReceiptIn(In):
    receipt = serializers.CharField(max_length=200, help_text="One for all payouts that were begun.")
    executed_on = BankDay()


class BookedOut(serializers.Serializer):
    booked = serializers.IntegerField()


class ResultRow(In):
    payout = serializers.CharField(max_length=100, help_text="Its reference.")
    receipt = serializers.CharField(max_length=200, allow_blank=True, default="")
    problem = serializers.CharField(max_length=2000, allow_blank=True, default="")
    executed_on = BankDay()

    def validate(self, row: dict[str, Any]) -> dict[str, Any]:
        if not row["receipt"] and not row["problem"]:
            raise serializers.ValidationError("it has neither a receipt nor a problem; it should have one of them")
        return row


class ResultsIn(In):
    results = ResultRow(many=True, allow_empty=False)


class TakenOut(serializers.Serializer):
    """How many were sent, failed, came back, or had been told before."""

    sent = serializers.IntegerField()
    failed = serializers.IntegerField()
    returned = serializers.IntegerField()
    known = serializers.IntegerField()


class PaidOut(serializers.Serializer):
    worker = serializers.UUIDField()
    external_id = serializers.CharField()
    name = serializers.CharField()
    paid_to = serializers.CharField(allow_blank=True)
    payouts = serializers.IntegerField()
    amount = serializers.IntegerField()


class TaxYearOut(serializers.Serializer):
    """Who was paid the threshold or more, and how much the others were together; in minor units."""

    year = serializers.IntegerField()
    currency = serializers.CharField()
    threshold = serializers.IntegerField(max_value=MOST_MINOR)
    reported = PaidOut(many=True)
    others = serializers.IntegerField()
    amount_of_others = serializers.IntegerField()


class TaxYearsOut(serializers.Serializer):
    results = TaxYearOut(many=True)


class LineOut(serializers.Serializer):
    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    rows = serializers.IntegerField()
    amount = serializers.IntegerField()


class SummedOut(serializers.Serializer):
    """What was owed in a period, put together; `differs` says how the books differ, "" where they agree."""

    results = LineOut(many=True)
    differs = serializers.CharField(allow_blank=True)
