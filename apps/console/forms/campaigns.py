"""What is asked about campaigns. The fields of a draft are checked by the same reader that reads campaign files."""

from collections.abc import Mapping
from typing import Any

import yaml
from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _

from apps.campaigns import spec
from apps.campaigns.models import Campaign
from apps.console import base
from apps.console.asking import capital
from apps.console.scope import OneOrganizationForm, is_new
from apps.core import ids, money
from apps.kinds import names, of
from apps.members.models import Organization
from apps.reports import labels

LISTS = ("show", "groups", "languages", "qualifications", "senses")


def kinds() -> list[tuple[str, str]]:
    return [(name, str(of(name).title)) for name in names()]


class CampaignForm(OneOrganizationForm):
    """A draft as people write it: settings as YAML or JSON, amounts in the major unit."""

    # Unfold takes a posted field named `dataset` for a list of its own, and keeps the form from being saved.
    prefix = "draft"

    kind = forms.ChoiceField(label=_("Kind of question"), choices=kinds)
    settings = forms.CharField(
        label=_("Settings"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "console-code", "spellcheck": "false"}),
        help_text=_("The question, its options or scale: YAML or JSON, as in the examples above."),
    )
    guidelines = forms.CharField(
        label=_("Guidelines"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("What workers are told to do, in Markdown. A change is published as a new version."),
    )
    price = forms.CharField(label=_("Price of a page"), initial="0.10", help_text=_("For a full page, as in 0.10."))
    budget = forms.CharField(label=_("Budget"), initial="50.00", help_text=_("Never spent beyond, as in 50.00."))
    show = SimpleArrayField(
        forms.CharField(), label=_("Fields shown"), required=False,
        help_text=_("Fields of an item that workers see, in order, with commas between; none named means all."),
    )  # fmt: skip
    groups = SimpleArrayField(
        forms.CharField(), label=_("Worker groups"), required=False,
        help_text=_("With commas between; none means everybody."),
    )  # fmt: skip
    languages = SimpleArrayField(
        forms.CharField(), label=_("Languages"), required=False,
        help_text=_("The worker speaks one of them, as in en, de; none means any."),
    )  # fmt: skip

    class Meta:
        model = Campaign
        fields = ("dataset", *spec.COLUMNS)

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        # The admin dresses only fields that it made of columns by itself.
        base.dress(self, *self.declared_fields)
        row: Campaign = self.instance
        if not is_new(row):
            newest = row.guidelines.first()
            self.initial = {
                **self.initial,
                "settings": yaml.safe_dump(row.settings, sort_keys=False, allow_unicode=True),
                "guidelines": newest.text if newest else "",
                "price": str(money.to_decimal(row.price, row.currency)),
                "budget": str(money.to_decimal(row.budget, row.currency)),
            }

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if self.errors or not self.fields:
            return values
        try:
            self.spec = spec.read(self._written(values))
        except spec.BadSpec as error:
            for problem in error.problems:
                self.add_error(self._field_of(problem), capital(problem))
            return values
        return values | self.spec.row()

    def clean_settings(self) -> Any:
        try:
            read = yaml.safe_load(self.cleaned_data["settings"] or "{}")
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" in line {mark.line + 1}" if mark else ""
            raise forms.ValidationError(f"This is not YAML{where}: {getattr(error, 'problem', error)}") from None
        if not isinstance(read, Mapping):
            raise forms.ValidationError(f"Settings are names with values, as in the examples; this is {read!r}")
        return dict(read)

    def _written(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was typed as a campaign's file would have it; gold that there is must still fit."""
        known = {} if is_new(self.instance) else spec.written(self.instance)
        typed = {name: values[name] for name in (*spec.COLUMNS, "guidelines") if name in values}
        typed |= {name: list(values.get(name) or []) for name in LISTS}
        return {**known, **typed, "dataset": values["dataset"].name}

    def _field_of(self, problem: str) -> str:
        """Return the field that a problem begins with, as every sentence about a single one does."""
        first = problem.split(" ")[0].split(".")[0].strip(":'")
        return first if first in self.fields else NON_FIELD_ERRORS


class FromYaml(forms.Form):
    """A campaign as a file."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=_("Organization"), empty_label=None)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "class": "console-code", "spellcheck": "false"}),
        help_text=_("YAML, as an exported campaign has it."),
    )
    file = forms.FileField(label=_("Or a file"), required=False, widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if file := values.get("file"):
            try:
                values["text"] = file.read().decode("utf-8")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(f"{file.name} is not text in UTF-8: {error.reason}") from None
        if not (values.get("text") or "").strip():
            raise forms.ValidationError(_("Paste a campaign's text, or choose its file."))
        return values


class TopUp(forms.Form):
    """More for a campaign's budget; the reference makes a second click add nothing."""

    amount = forms.CharField(label=_("Amount"), help_text=_("Taken from the organization's funds, as in 25.00."))
    reference = forms.CharField(widget=forms.HiddenInput, initial=lambda: f"topup:{ids.new_id()}")


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
