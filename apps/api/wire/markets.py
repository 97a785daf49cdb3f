"""What outside markets offer for us, who took it there, and how their books compare with ours."""

from rest_framework import serializers

from apps.api.wire.base import In
from apps.api.wire.money import WAITS
from apps.channels.models import Claim, Publication, Reconciliation
from apps.payments.models import SignOff
from apps.workforce.models import OUTSIDE


class DecisionIn(In):
    reason = serializers.CharField(max_length=2000, help_text="Kept in the trail.")


class UnpaidIn(DecisionIn):
    seen_unpaid = serializers.BooleanField(
        default=False,
        help_text="Somebody looked at the market that it did not pay it; needed where that can't be asked or not say.",
    )


class ListedIn(DecisionIn):
    """One of the differences that the market's list alone has."""

    kind = serializers.ChoiceField(choices=["bonus", "reward"])
    assignment = serializers.CharField(max_length=64)
    worker = serializers.CharField(max_length=100)
    amount = serializers.IntegerField(min_value=1, help_text="In minor units.")


class CompareIn(In):
    channel = serializers.ChoiceField(choices=sorted(OUTSIDE), default="mturk")


class TakeOffIn(In):
    name = serializers.CharField(max_length=64, help_text="The market's, of an offer that nothing here watches.")


class WageIn(In):
    hourly = serializers.IntegerField(
        min_value=1,
        required=False,
        help_text="The promised wage, in minor units; else the organization's least pay for an hour.",
    )
    dry_run = serializers.BooleanField(default=False, help_text="Say who lacks how much, and owe nothing.")


class MessageIn(In):
    subject = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=4096)


class UnreachedOut(serializers.Serializer):
    worker = serializers.CharField(help_text="By the market's name.")
    problem = serializers.CharField(allow_blank=True)


class MessageOut(serializers.Serializer):
    failed = UnreachedOut(many=True, help_text="Who got nothing, and why.")


class ToppedUpOut(serializers.Serializer):
    worker = serializers.UUIDField()
    amount = serializers.IntegerField(help_text="In minor units.")


class WageOut(serializers.Serializer):
    results = ToppedUpOut(many=True)
    to_sign = serializers.IntegerField(
        help_text="Decisions of the organization that wait for a second person, what is owed here among them."
    )


class PurseOut(serializers.Serializer):
    channel = serializers.CharField(source="purse.channel")
    environment = serializers.CharField(source="purse.environment")
    currency = serializers.CharField(source="purse.currency")
    balance = serializers.IntegerField(
        allow_null=True,
        help_text="What it was last seen to hold; null while other organizations have open offers there, too.",
    )
    needed = serializers.IntegerField(help_text="What your own open offers may still cost.")
    seen_at = serializers.DateTimeField(source="purse.seen_at")
    low_since = serializers.DateTimeField(source="purse.low_since", allow_null=True)


class PursesOut(serializers.Serializer):
    results = PurseOut(many=True)


class BlockOut(serializers.Serializer):
    blocked = serializers.BooleanField(help_text="The market has it; else it is told again until it has.")
    problem = serializers.CharField(allow_blank=True)


class ForgivenOut(serializers.Serializer):
    offers = serializers.IntegerField(help_text="How many had been refused.")


class ListedOut(serializers.Serializer):
    waits = serializers.BooleanField(help_text="Nothing is booked before a second person agrees: see the sign-offs.")


class SignOffOut(serializers.ModelSerializer):
    """A decision about what a market pays or paid, and who signed it; `subject` names what it is about."""

    waits = serializers.BooleanField(source="is_waiting", help_text="For somebody else than `asked_by`, or a refusal.")
    kind = serializers.CharField(
        source="about.kind", default="", help_text="Of a payment that the market alone lists: bonus or reward."
    )
    seen_unpaid = serializers.BooleanField(
        source="about.seen_unpaid", default=False, help_text="Who asked looked at the market that it did not pay it."
    )

    class Meta:
        model = SignOff
        fields: tuple[str, ...] = (
            "id", "verb", "subject", "kind", "seen_unpaid", "amount", "currency", "reason", "waits", "asked_by",
            "asked_at", "signed_by", "signed_at", "refused_by", "refused_at",
        )  # fmt: skip


class SubjectOut(serializers.Serializer):
    worker = serializers.CharField(help_text="By the market's name; empty where it is of several or not known.")
    campaign = serializers.UUIDField(source="campaign.pk", default=None, allow_null=True)
    slot = serializers.CharField(help_text="By the market's name.")
    market = serializers.CharField(source="at")
    obligation = serializers.IntegerField(source="owed.pk", default=None, allow_null=True)
    claim = serializers.UUIDField(source="claim.pk", default=None, allow_null=True)
    publication = serializers.UUIDField(source="offer.pk", default=None, allow_null=True)


class OneSignOffOut(SignOffOut):
    about = SubjectOut(source="about_whom")

    class Meta(SignOffOut.Meta):
        fields = (*SignOffOut.Meta.fields, "about")


class PublicationOut(serializers.ModelSerializer):
    """An offer: slots of a campaign; money in minor units."""

    currency = serializers.CharField(source="campaign.currency")
    waits = serializers.BooleanField(help_text=WAITS)

    class Meta:
        model = Publication
        fields = (
            "id", "campaign", "channel", "environment", "name", "state", "owed", "asked", "slots", "reward", "fee",
            "held", "currency", "problem", "planned_at", "offered_at", "expires_at", "withdrawn_at", "looked_at",
            "due_at", "reconciled_at", "accepted_at", "waits",
        )  # fmt: skip


class ClaimOut(serializers.ModelSerializer):
    """A slot that somebody took; `assignment` is the market's name for it, `page` ours."""

    stuck = serializers.BooleanField(help_text="The worker is owed it and the market won't pay: a person decides.")
    waits = serializers.BooleanField(help_text=WAITS)

    class Meta:
        model = Claim
        fields = (
            "id", "publication", "assignment", "worker", "page", "state", "verdict", "settled", "stuck", "waits",
            "besides", "note", "claimed_at", "saved_at", "confirmed_at",
        )  # fmt: skip


class DifferenceOut(serializers.Serializer):
    side = serializers.CharField(help_text="Who alone has it: ours or market.")
    kind = serializers.CharField()
    assignment = serializers.CharField()
    worker = serializers.CharField()
    amount = serializers.IntegerField(help_text="In minor units.")
    times = serializers.IntegerField(required=False)


class OrphanOut(serializers.Serializer):
    name = serializers.CharField(help_text="The market's, of an offer that nothing here watches.")
    publication = serializers.CharField(help_text="The id that we gave it.")
    campaign = serializers.CharField(allow_blank=True, help_text="Its name; empty where it is of none known here.")


class ReconciliationOut(serializers.ModelSerializer):
    """A market's list of payments against ours; money in minor units. `ended_at` is null until every list was read."""

    agrees = serializers.BooleanField(allow_null=True, help_text="To the cent; null while that is not known.")
    differences = DifferenceOut(many=True)
    orphans = OrphanOut(many=True)

    class Meta:
        model = Reconciliation
        fields = (
            "id", "channel", "made_at", "ended_at", "agrees", "publications", "unread", "pending", "ours",
            "ours_amount", "market", "market_amount", "fees", "currency", "differences", "orphans",
        )  # fmt: skip
