"""What is asked about workers and members."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console.forms.money import OfOrganization
from apps.members import consent
from apps.members.models import Role
from apps.workforce.models import Channel


class NewWorker(OfOrganization):
    """A worker; an e-mail address gives a log-in."""

    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_(
            "Gives the worker a log-in. A new person's password is shown once, for you to pass on. Who has an account "
            "that another organization opened chooses a new password first, by “Forgot your password?”."
        ),
    )
    external_id = forms.CharField(
        label=_("External id"),
        required=False,
        max_length=100,
        help_text=_("The channel's own name for this person; one that tells nothing if left empty."),
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=150)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    languages = SimpleArrayField(forms.CharField(), label=_("Languages"), required=False, help_text=_("As in en, de."))
    groups = SimpleArrayField(
        forms.CharField(), label=_("Groups"), required=False, help_text=_("With commas between; new ones are made.")
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("external_id") and not values.get("email"):
            raise forms.ValidationError(_("Give an e-mail address or an external id."))
        return values


class NewMember(OfOrganization):
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_(
            "A new person's password is shown once. Who has an account that another organization opened chooses a new "
            "password first, by “Forgot your password?”."
        ),
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class Invite(OfOrganization):
    """Somebody who gets a link by mail, chooses a password and agrees to the terms."""

    email = forms.EmailField(label=_("E-mail"))
    languages = SimpleArrayField(forms.CharField(), label=_("Languages"), required=False, help_text=_("As in en, de."))
    groups = SimpleArrayField(
        forms.CharField(), label=_("Groups"), required=False, help_text=_("With commas between; new ones are made.")
    )


class PublishTerms(OfOrganization):
    """What workers agree to: the terms of work, and what is kept about them."""

    text = forms.CharField(
        label=_("Text"),
        initial=consent.SUGGESTION,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_("Markdown. Begin with this suggestion, and make it your own."),
    )


class Restrict(forms.Form):
    """Where a stop holds, why, and how long."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("all of the organization's")
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))
    ends_at = forms.DateTimeField(
        label=_("Until"),
        required=False,
        help_text=_("UTC; empty means until it is lifted."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *typed: Any, campaigns: Any) -> None:
        super().__init__(*typed)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]


class Grant(forms.Form):
    name = forms.CharField(label=_("Qualification"), max_length=100)
    value = forms.IntegerField(label=_("Value"), initial=1)


class TwoPeople(forms.Form):
    reason = forms.CharField(
        label=_("How you know"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Kept in the trail.")
    )
