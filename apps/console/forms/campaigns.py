"""What is asked about campaigns, besides the steps in which a draft is made."""

from collections.abc import Mapping
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.campaigns import spec
from apps.campaigns.models import Campaign, PayPolicy
from apps.console import base
from apps.console.forms.fields import Percent
from apps.console.forms.money import OfOrganization
from apps.console.scope import OneOrganizationForm, is_new
from apps.core import ids, money
from apps.datasets.models import Dataset
from apps.quality.models import RejectionPolicy
from apps.reports import labels


def _with_text(values: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed, with the file's text in the place of the typed one where there is a file."""
    if file := values.get("file"):
        try:
            values["text"] = file.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(f"{file.name} is not text in UTF-8: {error.reason}") from None
    if not (values.get("text") or "").strip():
        raise forms.ValidationError(_("Paste its text, or choose its file."))
    return values


class FromYaml(OfOrganization):
    """A campaign as a file."""

    text = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "class": "console-code", "spellcheck": "false"}),
        help_text=_("YAML, as an exported campaign has it."),
    )
    file = forms.FileField(label=_("Or a file"), required=False, widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}))

    def clean(self) -> dict[str, Any]:
        return _with_text(super().clean() or {})


class FromLabelStudio(forms.Form):
    """A labeling configuration, and what it is to be asked about."""

    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("What workers read in the list of campaigns."))
    dataset = forms.ModelChoiceField(Dataset.objects.none(), label=_("Dataset"), empty_label=_("Choose one"))
    text = forms.CharField(
        label=_("Configuration"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "console-code", "spellcheck": "false"}),
        help_text=_("XML, from its View on. Its tasks are imported into the dataset, as JSON."),
    )
    file = forms.FileField(label=_("Or a file"), required=False, widget=forms.FileInput(attrs={"accept": ".xml"}))

    def clean(self) -> dict[str, Any]:
        return _with_text(super().clean() or {})


class AmountForm(OneOrganizationForm):
    """A row with one amount in its currency, `amount_field`, as people write it."""

    amount_field = ""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        if not is_new(self.instance):
            minor = getattr(self.instance, self.amount_field)
            self.initial[self.amount_field] = f"{money.to_decimal(minor, self.instance.currency):f}"

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        try:
            values[self.amount_field] = money.to_minor(values.get(self.amount_field, ""), values.get("currency", ""))
        except money.BadAmount as error:
            self.add_error(self.amount_field, str(error))
        return values


class PayPolicyForm(AmountForm):
    amount_field = "hourly"
    hourly = forms.CharField(label=_("Least pay for an hour"), help_text=_("As in 12.50."), widget=base.LINE)

    class Meta:
        model = PayPolicy
        fields = ("organization", "currency", "hourly")


class RejectionPolicyForm(AmountForm):
    amount_field = "second_person_from"
    second_person_from = forms.CharField(
        label=_("A second person agrees from"),
        help_text=_("Pay that one person rejects within a day, as in 5.00; 0 asks two people for every rejection."),
        widget=base.LINE,
    )

    class Meta:
        model = RejectionPolicy
        fields = ("organization", "currency", "second_person_from")


class TopUp(forms.Form):
    """More for a campaign's budget; the reference makes a second click add nothing."""

    amount = forms.CharField(label=_("Amount"), help_text=_("Taken from the organization's funds, as in 25.00."))
    reference = forms.CharField(widget=forms.HiddenInput, initial=lambda: f"topup:{ids.new_id()}")


class Terms(forms.Form):
    """What may change while a campaign runs."""

    redundancy = forms.IntegerField(label=_("Answers for each item"), min_value=1, max_value=1000)
    price = forms.CharField(label=_("Price of a page"), help_text=_("For pages that are handed out from now on."))


class WhoSees(forms.Form):
    """Who sees what a model suggests of pages that are handed out from now on."""

    suggested_to = forms.ChoiceField(
        label=_("Who sees suggestions"), choices=Campaign.SuggestedTo.choices, widget=forms.RadioSelect
    )
    suggestion_withheld = Percent(
        label=_("Asked without it"),
        help_text=_(
            "In per cent of workers' questions, drawn at random: at most 90. It matters where workers see them."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Kept in the trail.")
    )


class Clone(forms.Form):
    name = forms.CharField(label=_("Name of the copy"), max_length=150)


class NewGuidelines(forms.Form):
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 18}), help_text=_("Markdown."))


class Gold(forms.Form):
    """Questions with known answers, as rows of a campaign's file."""

    rows = forms.CharField(
        label=_("Questions"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "console-code", "spellcheck": "false"}),
        help_text=_("A list of item, answers and, if you like, reason: YAML or JSON. Known items get new answers."),
    )

    def clean_rows(self) -> list[spec.Gold]:
        try:
            read = yaml.safe_load(self.cleaned_data["rows"])
        except yaml.YAMLError as error:
            raise forms.ValidationError(f"This is not YAML: {getattr(error, 'problem', error)}") from None
        rows = read if isinstance(read, list) else [read]
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, Mapping) or not row.get("item") or not isinstance(row.get("answers"), list):
                raise forms.ValidationError(f"Row {number} should have an item (its external id) and a list of answers")
        return [
            spec.Gold(str(row["item"]), list(row["answers"]), str(row.get("reason", "")), row.get("teaching") is True)
            for row in rows
        ]


class Download(forms.Form):
    """Labels as a file."""

    format = forms.ChoiceField(label=_("Format"), choices=lambda: [(name, name) for name in labels.format_names()])
    with_gold = forms.BooleanField(label=_("Also the questions whose answers were known"), required=False)
    with_votes = forms.BooleanField(label=_("Also each worker's answer"), required=False)
    manifest = forms.BooleanField(
        label=_("Not the file but its manifest: columns, rows, bytes, SHA-256"),
        required=False,
        help_text=_("Of what a worker writes, it comes with the file."),
    )
