"""Where a worker wants to be paid: entered by the worker, and shown masked from then on."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.payments import destinations, services
from apps.payments import queries as payments
from apps.payments.destinations import Destination
from apps.payments.ibans import BadDestination
from apps.payments.models import Method
from apps.workbench.asking import WorkerRequest, for_workers
from apps.workbench.wording import sentence
from apps.workforce import queries as workforce


class PayoutMethodForm(forms.Form):
    """A bank account or an address of PayPal; what is checked is what banks check."""

    method = forms.ChoiceField(label=gettext_lazy("Paid to"), choices=Method.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=gettext_lazy("For a bank account: its owner's name"), required=False, max_length=140,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    iban = forms.CharField(label=gettext_lazy("For a bank account: its IBAN"), required=False, max_length=60)
    address = forms.CharField(
        label=gettext_lazy("For PayPal: your e-mail address there"), required=False, max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        try:
            values["destination"] = _destination(values)
        except BadDestination as error:
            raise forms.ValidationError(sentence(str(error))) from None
        return values


def _destination(given: dict[str, Any]) -> Destination:
    if given.get("method") == Method.PAYPAL:
        return destinations.paypal(address=given.get("address", ""))
    return destinations.bank_account(name=given.get("name", ""), iban=given.get("iban", ""))


@for_workers("GET", "POST")
def payout(request: WorkerRequest) -> HttpResponse:
    """Show the method masked, and take a new one; it holds for all that the person is a worker of."""
    workers = list(workforce.identities(request.user))
    if request.method == "POST" and "forget" in request.POST:
        services.forget_own_payout_method(request.user)
        messages.success(request, _("Forgotten. Until you name another, finance asks you before it pays."))
        return redirect("workbench:payout")
    kept = payments.payout_methods(workers)
    form = PayoutMethodForm(request.POST or None, initial={"method": kept[0].method if kept else Method.BANK})
    if request.method == "POST" and form.is_valid():
        services.set_own_payout_method(request.user, method=form.cleaned_data["destination"])
        messages.success(request, _("Saved. Payouts that are approved from now on go there."))
        return redirect("workbench:payout")
    return render(request, "workbench/payout.html", {"form": form, "kept": kept})
