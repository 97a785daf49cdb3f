"""What is asked about audits and disputes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.quality.models import Dispute
from apps.quality.services.auditing import FEWEST, MOST


class Size(forms.Form):
    size = forms.IntegerField(
        label=_("Labels to judge"),
        min_value=FEWEST,
        max_value=MOST,
        initial=100,
        help_text=_("100 tell the accuracy to about five points; confidence is corrected from 20 on."),
    )


class Method(forms.Form):
    method = forms.ChoiceField(label=_("Answers are combined by"), choices=Campaign.Method.choices)


class Adjudication(forms.Form):
    """Two buttons carry the verdict."""

    right = forms.TypedChoiceField(
        choices=[("yes", _("the label holds")), ("no", _("the label is wrong"))],
        coerce=lambda value: value == "yes",
        widget=forms.HiddenInput,
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class Outcome(forms.Form):
    """Two buttons carry the outcome; the reason is what the worker is told."""

    outcome = forms.ChoiceField(choices=Dispute.Outcome.choices, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The worker is told it, whatever you decide."),
    )
