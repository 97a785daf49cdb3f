"""What is asked about money: amounts are typed in the major unit and kept in the minor one."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core import clock, money
from apps.ledger import queries as ledger
from apps.members.models import Organization
from apps.reports import payments


class OfOrganization(forms.Form):
    """A form about one of the user's organizations; not asked where there is one only."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=_("Organization"), empty_label=None)

    def __init__(self, *typed: Any, own: Any, **values: Any) -> None:
        super().__init__(*typed, **values)
        field = self.fields["organization"]
        field.queryset = own  # type: ignore[attr-defined]
        if len(only := list(own[:2])) == 1:
            field.initial, field.widget = only[0].pk, forms.HiddenInput()


class Currency(forms.CharField):
    """An ISO 4217 code."""

    def clean(self, value: Any) -> str:
        code = str(super().clean(value)).upper()
        try:
            return money.check_currency(code) if code or self.required else ""
        except money.BadAmount as error:
            raise forms.ValidationError(str(error)) from None


class InCurrency(OfOrganization):
    """A form about money; it begins with the currency that the organization has."""

    currency = Currency(label=_("Currency"), max_length=3)

    def __init__(self, *typed: Any, own: Any, **values: Any) -> None:
        super().__init__(*typed, own=own, **values)
        self.fields["currency"].initial = ledger.usual_currency(own)


class OfAmount(InCurrency):
    """A form about an amount, which is cleaned to minor units; above 0, unless `may_be_negative`."""

    amount = forms.CharField(label=_("Amount"), help_text=_("As in 250.00."))
    field_order: tuple[str, ...] = ("organization", "amount", "currency")
    may_be_negative = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "amount" in values and "currency" in values:
            try:
                values["amount"] = money.to_minor(values["amount"], values["currency"])
            except money.BadAmount as error:
                self.add_error("amount", str(error))
            else:
                if values["amount"] <= 0 and not self.may_be_negative:
                    self.add_error("amount", _("It should be above 0."))
        return values


class Moved(OfAmount):
    """Money that came or went: a deposit, a refund, a fee."""

    reference = forms.CharField(
        label=_("Reference"),
        max_length=80,
        help_text=_("What names it, as the bank does. The same reference again changes nothing."),
    )


class Reason(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


class Unpaid(Reason):
    seen_unpaid = forms.BooleanField(
        label=_("I looked at the market: it did not pay it"),
        required=False,
        help_text=_("Needed where the market can't be asked, or knows nothing of it any more."),
    )


class PlanPayouts(InCurrency):
    until = forms.DateField(
        label=_("Owed up to"),
        required=False,
        help_text=_("This day included (UTC); empty means until now."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC) if day else None


class Receipt(forms.Form):
    receipt = forms.CharField(
        label=_("Receipt"), max_length=200, help_text=_("What proves it: the bank's or platform's reference.")
    )


class Sent(Receipt):
    """That money was sent: by which proof, and which day."""

    executed_on = forms.DateField(
        label=_("Sent on"),
        required=False,
        initial=lambda: clock.now().date(),
        help_text=_("The bank's day (UTC): tax years count by it. It can't be changed later. Empty means today."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class Problem(forms.Form):
    problem = forms.CharField(label=_("What went wrong"), widget=forms.Textarea(attrs={"rows": 4}))


class PaymentsExport(OfOrganization):
    """A period of whole days, in UTC."""

    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label=_("To"),
        help_text=_("This day included. Days begin at midnight, UTC."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    format = forms.ChoiceField(label=_("Format"), choices=lambda: [(name, name) for name in payments.format_names()])
    manifest = forms.BooleanField(
        label=_("Only the manifest"),
        required=False,
        help_text=_("Rows, sums and SHA-256 of the file, to tell later whether it is whole."),
    )

    def __init__(self, *typed: Any, own: Any) -> None:
        today = clock.now().date()
        super().__init__(*typed, own=own, initial={"since": today.replace(day=1), "until": today})

    def clean_since(self) -> datetime:
        return datetime.combine(self.cleaned_data["since"], time(), tzinfo=UTC)

    def clean_until(self) -> datetime:
        return datetime.combine(self.cleaned_data["until"] + timedelta(days=1), time(), tzinfo=UTC)
