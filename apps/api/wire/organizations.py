"""An organization: its members, what its workers agree to, who is invited, and what was decided."""

from typing import Any

from rest_framework import serializers

from apps.api.wire.base import In
from apps.api.wire.people import Words
from apps.members.models import Membership, Organization, Role, Scope, Terms, Token, Trail
from apps.members.services import LONGEST_DAYS
from apps.workforce.models import Invitation


class OrganizationOut(serializers.ModelSerializer):
    contact = serializers.CharField(help_text="An e-mail address whom workers may ask, or ''.")

    class Meta:
        model = Organization
        fields = ("id", "name", "slug", "contact", "created_at")


class OrganizationChange(In):
    name = serializers.CharField(max_length=150, required=False)
    contact = serializers.EmailField(allow_blank=True, required=False, help_text="Whom workers may ask.")


class MembershipOut(serializers.ModelSerializer):
    email = serializers.CharField(source="user.email")
    name = serializers.CharField(source="user.name")

    class Meta:
        model = Membership
        fields = ("id", "user", "email", "name", "role")


class MembershipIn(In):
    email = serializers.EmailField()
    name = serializers.CharField(max_length=150, allow_blank=True, default="")
    role = serializers.ChoiceField(Role.choices)


class EnrolledOut(serializers.Serializer):
    """The password of somebody who had no log-in yet is shown once; "" for who had one.

    Whose account another organization opened chooses a new password first, by a mailed link.
    """

    id = serializers.IntegerField()
    user = serializers.UUIDField()
    role = serializers.CharField()
    password = serializers.CharField(allow_blank=True)


class TokenOut(serializers.ModelSerializer):
    class Meta:
        model = Token
        fields = (
            "id", "name", "begins", "user", "worker", "scopes", "made_by", "created_at", "expires_at", "last_used_at",
            "revoked_at",
        )  # fmt: skip


class TokenIn(In):
    name = serializers.CharField(max_length=100, help_text="What it is for.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices), allow_empty=False, max_length=4)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS)
    user = serializers.UUIDField(
        required=False, help_text="Of a member or worker: as whom it acts. Of another than yourself, not in account/*."
    )
    worker = serializers.UUIDField(
        required=False, help_text="Instead of a user; it can only work, and has no account/*."
    )


class MadeTokenOut(serializers.Serializer):
    """Shown once: only its hash is kept."""

    id = serializers.UUIDField()
    token = serializers.CharField()


class TermsOut(serializers.ModelSerializer):
    class Meta:
        model = Terms
        fields = ("id", "version", "text", "published_by", "published_at")


class TermsPublished(In):
    text = serializers.CharField(max_length=200_000, help_text="Markdown; every worker is asked to agree again.")


class InvitationOut(serializers.ModelSerializer):
    email = serializers.CharField(help_text="'' once the person had it erased.")

    class Meta:
        model = Invitation
        fields: tuple[str, ...] = (
            "id", "email", "state", "languages", "groups", "invited_by", "created_at", "sent_at", "expires_at",
            "worker",
        )  # fmt: skip


class InvitedOut(InvitationOut):
    link = serializers.CharField(help_text="Shown once, to be handed over where no mail goes.")

    class Meta(InvitationOut.Meta):
        fields = (*InvitationOut.Meta.fields, "link")


class InvitationIn(In):
    email = serializers.EmailField()
    languages = Words(longest=16, default=list)
    groups = Words(longest=100, default=list)


class TrailOut(serializers.ModelSerializer):
    """Why, where that may tell what is in a task, is for those who may see tasks."""

    class Meta:
        model = Trail
        fields = ("id", "at", "actor", "verb", "subject", "reason", "data")

    def to_representation(self, row: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(row)
        return shown if row.tells else shown | {"reason": "", "data": {}}
