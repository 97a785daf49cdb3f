"""Pages of rows that a person decides about, with a reason; from the policy's limit on two persons do."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from apps.console.asking import address, ask
from apps.console.forms.money import Reason
from apps.console.permissions import actor
from apps.console.scope import ReadOnly

WAITS = _("Nothing is done yet: it is so much that somebody else has to agree. It waits under Sign-offs.")


class Decided(ReadOnly):
    """Rows that a person decides about, with a reason, where a market and our books can't be brought together."""

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return self.is_open(row) and self.has_decide_permission(request, row)

    def is_open(self, row: Any) -> bool:
        raise NotImplementedError

    def decide(self, request: HttpRequest, row: Any, do: Callable[..., bool], **words: Any) -> HttpResponseBase:
        """Ask for a reason, and do it with that; what returns False waits for a second person."""
        return decide(self, request, row, lambda _form, **why: do(row, **why), **words)


def decide(
    page: Any, request: HttpRequest, row: Any, do: Callable[..., bool], *, form: Any = Reason, **words: Any
) -> HttpResponseBase:
    """Ask for a reason, and do it with the form; what returns False waits for a second person."""

    def act(asked: forms.Form) -> HttpResponseBase | None:
        if do(asked, reason=asked.cleaned_data["reason"], by=actor(request)):
            return None
        messages.warning(request, str(WAITS))
        return HttpResponseRedirect(address(page, row))

    return ask(page, request, row=row, form=form, act=act, **words)
