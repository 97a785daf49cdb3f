"""Tasks, pages, judgments and labels; reviews and disputes."""

from rest_framework import serializers

from apps.api.wire.base import In
from apps.quality.models import Adjudication, Consensus, Dispute, Review
from apps.work.models import Assignment, Judgment, Task


class TaskOut(serializers.ModelSerializer):
    external_id = serializers.CharField(source="item.external_id", help_text="Its item's.")

    class Meta:
        model = Task
        fields = ("id", "campaign", "item", "external_id", "gold", "state", "wanted", "taken", "judged")


class AssignmentOut(serializers.ModelSerializer):
    """Amounts in minor units."""

    class Meta:
        model = Assignment
        fields = (
            "id", "campaign", "worker", "state", "guidelines", "places_count", "price", "page_size", "currency", "pay",
            "leased_at", "expires_at", "submitted_at", "decided_at", "disputable_until",
        )  # fmt: skip


class JudgmentOut(serializers.ModelSerializer):
    external_id = serializers.CharField(source="task.item.external_id", help_text="Its item's.")
    assignment = serializers.UUIDField(source="place.assignment_id")

    class Meta:
        model = Judgment
        fields = (
            "id", "campaign", "task", "external_id", "assignment", "worker", "answer", "counted", "guidelines",
            "seconds", "created_at",
        )  # fmt: skip


class ConsensusOut(serializers.ModelSerializer):
    external_id = serializers.CharField(source="task.item.external_id", help_text="Its item's.")
    calibrated = serializers.BooleanField(source="is_calibrated", help_text="Whether audits corrected the confidence.")

    class Meta:
        model = Consensus
        fields = (
            "task", "external_id", "answer", "confidence", "calibrated", "votes", "method", "final", "combined_at",
        )  # fmt: skip


class WordIn(In):
    answer = serializers.JSONField(help_text="The task's label from now on, as a worker would give it.")
    note = serializers.CharField(max_length=10_000, allow_blank=True, default="", help_text="Why, for later readers.")


class WordOut(serializers.ModelSerializer):
    class Meta:
        model = Adjudication
        fields = ("task", "campaign", "answer", "note", "by", "at")


class ReviewOut(serializers.ModelSerializer):
    campaign = serializers.UUIDField(source="assignment.campaign_id")
    worker = serializers.UUIDField(source="assignment.worker_id")

    class Meta:
        model = Review
        fields = (
            "id", "assignment", "campaign", "worker", "proposal", "grounds", "verdict", "reason", "decided_by",
            "proposed_at", "approve_at", "decided_at", "asked", "asked_by", "asked_at",
        )  # fmt: skip
        extra_kwargs = {"asked": {"help_text": "A verdict that was asked for and has not taken effect."}}


class DecideIn(In):
    verdict = serializers.ChoiceField(Review.Verdict.choices)
    reason = serializers.CharField(max_length=10_000, allow_blank=True, default="", help_text="The worker is told.")


class DisputeOut(serializers.ModelSerializer):
    campaign = serializers.UUIDField(source="assignment.campaign_id")
    worker = serializers.UUIDField(source="assignment.worker_id")

    class Meta:
        model = Dispute
        fields = (
            "id", "assignment", "campaign", "worker", "text", "opened_at", "decide_by", "outcome", "reason",
            "decided_by", "decided_at",
        )  # fmt: skip


class DecideDisputeIn(In):
    outcome = serializers.ChoiceField(Dispute.Outcome.choices)
    reason = serializers.CharField(max_length=10_000, help_text="The worker is told.")


class LeaseIn(In):
    after = serializers.UUIDField(required=False, help_text="A page in hand: the one behind it is wanted.")


class PartOut(serializers.Serializer):
    type = serializers.ChoiceField(["text", "image", "audio", "video"])
    name = serializers.CharField()
    text = serializers.CharField(required=False, allow_blank=True)
    url = serializers.CharField(required=False, allow_blank=True, help_text="Good for some hours.")
    lang = serializers.CharField(required=False)
    dir = serializers.CharField(required=False)
    captions = serializers.CharField(required=False)


class PlaceOut(serializers.Serializer):
    token = serializers.CharField(help_text="What an answer is given for.")
    position = serializers.IntegerField()
    parts = PartOut(many=True)
    suggestion = serializers.JSONField(required=False, help_text="A model's answer, where the campaign shows it here.")


class PageOut(serializers.Serializer):
    """A page in hand."""

    id = serializers.UUIDField()
    campaign = serializers.UUIDField()
    expires_at = serializers.DateTimeField()
    kind = serializers.CharField()
    settings = serializers.DictField()
    guidelines = serializers.IntegerField(help_text="Their version.")
    places = PlaceOut(many=True)


class ChangeIn(In):
    answers = serializers.DictField(
        child=serializers.DictField(),
        help_text='By each place\'s token, one of {"answer": …, "note"?: "…"}, {"skip": "why"}, {"broken": "what"}.',
    )


class SubmitIn(ChangeIn):
    active_seconds = serializers.FloatField(
        required=False, min_value=0, help_text="Time worked on it, pauses left out; believed up to the time in hand."
    )


class HandedInOut(serializers.Serializer):
    """What became of a page; pay in minor units."""

    id = serializers.UUIDField()
    campaign = serializers.UUIDField()
    state = serializers.CharField()
    pay = serializers.IntegerField()
    currency = serializers.CharField()


class OfferOut(serializers.Serializer):
    """A campaign that is open to the worker, with its terms; price in minor units for a full page."""

    campaign = serializers.UUIDField()
    name = serializers.CharField()
    requester = serializers.CharField()
    contact = serializers.CharField(allow_blank=True, help_text="Whom to ask; '' where nobody is named.")
    state = serializers.CharField()
    purpose = serializers.CharField(help_text="work, or a training or test, whose questions have known answers.")
    kind = serializers.CharField()
    content_warning = serializers.CharField(allow_blank=True, help_text="To be read before a page is leased.")
    languages = serializers.ListField(child=serializers.CharField(), help_text="One of these is asked for.")
    senses = serializers.ListField(child=serializers.CharField(), help_text="What the work can't be done without.")
    qualifications = serializers.ListField(child=serializers.CharField(), help_text="All of these are asked for.")
    settings = serializers.DictField()
    guidelines = serializers.CharField(allow_blank=True, help_text="Markdown.")
    guidelines_version = serializers.IntegerField()
    price = serializers.IntegerField(help_text="What a full page pays this worker now.")
    pay_tiers = serializers.ListField(
        child=serializers.DictField(), help_text='{"skill", "price"} of those that pay more: from that skill on.'
    )
    currency = serializers.CharField()
    page_size = serializers.IntegerField()
    lease_seconds = serializers.IntegerField()
    seconds_per_page = serializers.IntegerField(
        allow_null=True, help_text="As measured of workers, before that as the requester needed."
    )
    hourly = serializers.IntegerField(allow_null=True, help_text="What an hour of such pages pays.")
    questions_left = serializers.IntegerField(
        help_text="0, 1 or 50: at least so many; of a training or test their number."
    )
    why_not = serializers.CharField(allow_blank=True, help_text="Why no page can be had; '' where one can.")
    in_hand = serializers.ListField(child=serializers.UUIDField(), help_text="Pages in the worker's hands.")


class OffersOut(serializers.Serializer):
    results = OfferOut(many=True)


class EarningsOut(serializers.Serializer):
    """Amounts in minor units."""

    currency = serializers.CharField()
    pending = serializers.IntegerField()
    approved = serializers.IntegerField()
    paid = serializers.IntegerField()


class EarningsPage(serializers.Serializer):
    results = EarningsOut(many=True)


class DisputeIn(In):
    text = serializers.CharField(max_length=4000, help_text="Why the page should be paid.")
