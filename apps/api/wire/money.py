"""Money: in minor units of its currency, everywhere."""

from rest_framework import serializers

from apps.api.wire.base import MOST_MINOR, BankDay, Currency, In, Minor, one_of
from apps.ledger.models import Entry
from apps.payments.models import Obligation, Payout, PayoutBatch
from apps.reports import payments

WAITS = "It, or a decision about it, is of so much that a second person has to agree: see the sign-offs."


class BalanceOut(serializers.Serializer):
    currency = serializers.CharField()
    balance = serializers.IntegerField(help_text="What the organization has to fund campaigns with.")


class BalancesOut(serializers.Serializer):
    results = BalanceOut(many=True)


class EntryOut(serializers.ModelSerializer):
    class PostingOut(serializers.Serializer):
        account = serializers.CharField(source="account.kind")
        owner = serializers.CharField(source="account.owner")
        currency = serializers.CharField(source="account.currency")
        amount = serializers.IntegerField()

    postings = PostingOut(many=True, read_only=True)

    class Meta:
        model = Entry
        fields = ("id", "reference", "memo", "at", "postings")


class DepositIn(In):
    amount = Minor()
    currency = Currency()
    reference = serializers.CharField(max_length=80, help_text="Once for each, as the bank names it.")


class ObligationOut(serializers.ModelSerializer):
    waits = serializers.BooleanField(help_text=WAITS)

    class Meta:
        model = Obligation
        fields = (
            "id", "kind", "worker", "campaign", "assignment", "amount", "currency", "reason", "payout", "owed_at",
            "waits",
        )  # fmt: skip


class BonusIn(In):
    worker = serializers.UUIDField()
    campaign = serializers.UUIDField(required=False)
    amount = Minor()
    currency = Currency()
    reference = serializers.CharField(max_length=80, help_text="Once for each: the same again pays nothing more.")
    reason = serializers.CharField(max_length=2000, help_text="The worker reads it.")


class AdjustmentIn(BonusIn):
    amount = Minor(min_value=-MOST_MINOR, help_text="Up or, below 0, down.")


class BatchIn(In):
    currency = Currency()
    until = serializers.DateTimeField(required=False, help_text="What is owed from before then; now if left out.")


class BatchOut(serializers.ModelSerializer):
    class Meta:
        model = PayoutBatch
        fields = (
            "id", "currency", "owed_until", "state", "needs_second", "created_by", "created_at", "approved_by",
            "approved_at",
        )  # fmt: skip


class PayoutOut(serializers.ModelSerializer):
    class Meta:
        model = Payout
        fields = (
            "id", "batch", "worker", "amount", "currency", "state", "method", "shown_destination", "receipt", "problem",
            "begun_at", "sent_at", "executed_on", "returned_at",
        )  # fmt: skip


class PayoutConfirmIn(In):
    receipt = serializers.CharField(max_length=200, help_text="What proves that it was sent.")
    executed_on = BankDay()


class PayoutFailIn(In):
    problem = serializers.CharField(max_length=2000, help_text="Why it did not go through.")


class BatchCancelIn(In):
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class PeriodIn(In):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="The first moment that is not in it.")


class PaymentExportIn(PeriodIn):
    format = serializers.CharField(
        max_length=20, validators=[one_of(payments.format_names)], help_text="As in csv, json, xlsx."
    )
    campaign = serializers.UUIDField(required=False, help_text="Only what was owed for it.")
    worker = serializers.UUIDField(required=False, help_text="Only what was owed to them.")
    currency = Currency(required=False)
    kind = serializers.ChoiceField(Obligation.Kind.choices, required=False)
