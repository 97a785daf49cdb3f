"""A worker's own: terms to agree to, where to be paid, how to be called, and what a page came to."""

from zoneinfo import available_timezones

from django.conf import settings
from rest_framework import serializers

from apps.api.wire.base import In
from apps.api.wire.people import Words
from apps.members.models import Terms
from apps.payments.models import Method, PayoutMethod

LANGUAGES = ["", *(code for code, _name in settings.LANGUAGES)]


class OwnAccountOut(serializers.Serializer):
    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)
    languages = serializers.ListField(child=serializers.CharField(), help_text="That the person speaks.")
    language = serializers.CharField(allow_blank=True, help_text="Of pages; '' as the browser says.")
    time_zone = serializers.CharField(allow_blank=True)
    erasure_asked_at = serializers.DateTimeField(allow_null=True)
    is_owed = serializers.BooleanField(help_text="Something is still to be paid.")


class AccountChange(In):
    name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    languages = Words(longest=16, required=False)
    language = serializers.ChoiceField(LANGUAGES, required=False)
    time_zone = serializers.CharField(max_length=64, allow_blank=True, required=False, help_text="As in Africa/Cairo.")

    def validate_time_zone(self, zone: str) -> str:
        if zone and zone not in available_timezones():
            raise serializers.ValidationError("it should be a time zone by a city, as in Africa/Cairo")
        return zone


class WaitingTermsOut(serializers.ModelSerializer):
    organization = serializers.CharField(source="organization.slug")

    class Meta:
        model = Terms
        fields = ("id", "organization", "version", "text", "published_at")


class WaitingTermsPage(serializers.Serializer):
    results = WaitingTermsOut(many=True)


class AgreementIn(In):
    terms = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The id of the terms agreed to.")


class AgreementOut(serializers.Serializer):
    terms = serializers.IntegerField()
    at = serializers.DateTimeField()


class PayoutMethodOut(serializers.ModelSerializer):
    """Masked: where exactly is shown to nobody again."""

    class Meta:
        model = PayoutMethod
        fields = ("worker", "method", "shown", "set_at")


class PayoutMethodPage(serializers.Serializer):
    results = PayoutMethodOut(many=True)


class PayoutMethodIn(In):
    method = serializers.ChoiceField(Method.choices)
    name = serializers.CharField(max_length=140, allow_blank=True, default="", help_text="Of a bank account.")
    iban = serializers.CharField(max_length=60, allow_blank=True, default="", help_text="Of a bank account.")
    address = serializers.CharField(max_length=254, allow_blank=True, default="", help_text="At PayPal.")


class LessonOut(serializers.Serializer):
    """A teaching question of a page that was decided: what was answered, and what is right."""

    gold = serializers.IntegerField(help_text="What a contest names.")
    position = serializers.IntegerField()
    answer = serializers.JSONField(allow_null=True)
    right = serializers.BooleanField()
    answers = serializers.ListField(help_text="Right ones.")
    reason = serializers.CharField(allow_blank=True)
    contested = serializers.BooleanField()


class ResultOut(serializers.Serializer):
    right = serializers.FloatField()
    questions = serializers.IntegerField()
    share = serializers.FloatField()
    pass_share = serializers.FloatField()
    passed = serializers.BooleanField()


class GivenOut(serializers.Serializer):
    """What the worker said of one question."""

    token = serializers.CharField()
    state = serializers.CharField(help_text="answered, skipped or broken.")
    answer = serializers.JSONField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class OutcomeOut(serializers.Serializer):
    """What a page came to, for its worker."""

    id = serializers.UUIDField()
    campaign = serializers.UUIDField()
    state = serializers.CharField()
    pay = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    changeable_until = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Of a rejection.")
    disputable_until = serializers.DateTimeField(allow_null=True)
    dispute = serializers.CharField(allow_blank=True, help_text="open, upheld or overturned; '' without one.")
    dispute_reason = serializers.CharField(allow_blank=True)
    answers = GivenOut(many=True, help_text="As they were handed in, in the page's order.")
    lessons = LessonOut(many=True)
    result = ResultOut(allow_null=True, help_text="Of a training or test, once it is complete.")


class ContestIn(In):
    gold = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="As a lesson of the page names it.")
    text = serializers.CharField(max_length=2000, help_text="Why the known answer is wrong.")


class ContestOut(serializers.Serializer):
    gold = serializers.IntegerField()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()
