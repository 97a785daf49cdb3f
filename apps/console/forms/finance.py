"""What is asked of finance besides amounts: whom to credit, what a bank said, which period, by which rules."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console import base
from apps.console.forms.money import Currency, OfAmount, OfOrganization
from apps.core import clock, money
from apps.payments import results
from apps.payments.results import BadResults
from apps.workforce.models import Worker

DAY = forms.DateInput(attrs={"type": "date"})
MOST_BYTES = 2 * 2**20  # of a file of results, read while somebody waits: some 36,000 lines


class Credit(OfAmount):
    """A bonus or an adjustment."""

    worker = forms.CharField(
        label=_("Worker"),
        max_length=100,
        help_text=_("The id that lists show in brackets, as w-17 of Ada Lovelace (w-17)."),
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("none"),
        help_text=_("What it is for, if it is for one."),
    )  # fmt: skip
    reference = forms.CharField(
        label=_("Reference"), max_length=80, help_text=_("Names it, once: the same reference again changes nothing.")
    )
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The worker reads it.")
    )
    field_order = ("organization", "worker", "amount", "currency", "campaign", "reference", "reason")

    def __init__(self, *typed: Any, own: Any, **values: Any) -> None:
        super().__init__(*typed, own=own, **values)
        self.fields["campaign"].queryset = Campaign.objects.filter(organization__in=own)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        of, campaign = values.get("organization"), values.get("campaign")
        if of is None:
            return values
        found = Worker.objects.filter(organization=of, external_id=values.get("worker", ""))
        if len(found) == 1:
            values["worker"] = found[0]
        else:
            self.add_error("worker", _("%(of)s has %(n)s workers of this id.") % {"of": of, "n": len(found) or _("no")})
        if campaign is not None and campaign.organization_id != of.pk:
            self.add_error("campaign", _("It is another organization's."))
        return values


class Adjustment(Credit):
    may_be_negative = True

    def __init__(self, *typed: Any, **values: Any) -> None:
        super().__init__(*typed, **values)
        self.fields["amount"].help_text = _("As in 2.50, or -2.50 to owe less.")


class Results(forms.Form):
    """What a bank said of payouts, and the day of those of which it said none."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV with the columns payout (its reference in the file that was sent), receipt and problem, and "
            "executed_on (the bank's day, as 2026-12-30); others are passed over."
        ),
        widget=base.FILE,
    )
    executed_on = forms.DateField(
        label=_("Sent on"),
        required=False,
        initial=lambda: clock.now().date(),
        help_text=_(
            "The bank's day (UTC) of lines that tell none: tax years count by it. It can't be changed later. Empty "
            "means today."
        ),
        widget=DAY,
    )

    def clean_file(self) -> list[results.Result]:
        sent = self.cleaned_data["file"]
        if sent.size > MOST_BYTES:
            raise forms.ValidationError(_("The file has more than 2 MB: take it in parts, one after the other."))
        try:
            return list(results.read(sent.read()))
        except BadResults as bad:
            raise forms.ValidationError(bad.problems) from None


class FileFormat(forms.Form):
    format = forms.ChoiceField(label=_("File"), widget=forms.RadioSelect)

    def __init__(self, *typed: Any, choices: list[tuple[str, Any]], **values: Any) -> None:
        super().__init__(*typed, **values)
        self.fields["format"].choices = choices  # type: ignore[attr-defined]
        self.fields["format"].initial = choices[0][0] if choices else ""


class Span(OfOrganization):
    """A period of whole days in UTC, `until` with it, and what its payments are put together by."""

    since = forms.DateField(label=_("From"), widget=DAY)
    until = forms.DateField(label=_("To, included"), widget=DAY)
    by = forms.ChoiceField(
        label=_("Sums by"), choices=[("campaign", _("campaign")), ("worker", _("worker")), ("kind", _("kind"))]
    )
    currency = Currency(
        label=_("Currency"),
        max_length=3,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("all"), "size": 6}),
    )
    campaign = forms.UUIDField(required=False, widget=forms.HiddenInput)
    worker = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_since(self) -> datetime:
        return datetime.combine(self.cleaned_data["since"], time(), tzinfo=UTC)

    def clean_until(self) -> datetime:
        day: date = self.cleaned_data["until"]
        if day == date.max:
            raise forms.ValidationError(_("There is no day after it: take an earlier one."))
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "since" in values and "until" in values and values["since"] >= values["until"]:
            self.add_error("until", _("It is before the first day: the period ends before it begins."))
        return values


class Year(OfOrganization):
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)


class MonthOf(OfOrganization):
    month = forms.DateField(
        label=_("Month"), input_formats=["%Y-%m"], widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
    )


class Policy(OfOrganization):
    currency = Currency(label=_("Currency"), initial="EUR", max_length=3)
    second_person_from = forms.CharField(
        label=_("Two people from"),
        required=False,
        help_text=_(
            "From so much on, planned by one person within a day, another approves the batch, and what a market pays. "
            "Empty: never."
        ),
    )
    tax_report_from = forms.CharField(
        label=_("Tax report from"),
        required=False,
        help_text=_("Who was paid this much in a year is reported by name. Empty: everybody."),
    )
    payer_name = forms.CharField(label=_("Paid by"), max_length=70, required=False, help_text=_("The account's name."))
    payer_iban = forms.CharField(
        label=_("IBAN"), max_length=42, required=False, help_text=_("Empty: the one it has. It is kept encrypted.")
    )
    payer_bic = forms.CharField(label=_("BIC"), max_length=11, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("second_person_from", "tax_report_from"):
            try:
                values[name] = money.to_minor(values[name], values["currency"]) if values.get(name) else None
            except (money.BadAmount, KeyError) as error:
                self.add_error(name, str(error))
        values["payer_iban"] = values.get("payer_iban") or None
        return values


def this_month() -> tuple[date, date]:
    """Return the first day of this month, and today."""
    today = clock.now().date()
    return today.replace(day=1), today
