"""What is asked about reviews."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.quality.models import Review


class Verdict(forms.Form):
    """Buttons carry the verdict; the reason is what a rejected worker is told."""

    TAKE_BACK = "take back"
    verdict = forms.ChoiceField(
        choices=[*Review.Verdict.choices, (TAKE_BACK, _("take back"))], widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to reject: the worker is told it, and can answer. Good work is paid without one."),
    )


class Reason(forms.Form):
    """Why several pages are rejected: each of their workers is told it."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))
