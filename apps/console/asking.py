"""Pages that ask before something is done: what is shown, a form, one call, and where to go then."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.campaigns.services import NotADraft
from apps.campaigns.spec import BadSpec
from apps.console import base
from apps.console.scope import Scoped
from apps.core.money import BadAmount
from apps.core.rates import TooMany
from apps.core.states import IllegalMove
from apps.core.text import Unstorable
from apps.datasets.holding import CannotRemove
from apps.datasets.services import Refused
from apps.kinds.errors import Bad
from apps.kinds.label_studio import BadConfig
from apps.ledger.services import BadReference, NoCorrection, NotEnoughMoney, NotOver, OtherEntry
from apps.members.services import BadToken
from apps.notices.services import BadEndpoint
from apps.payments import services as payments
from apps.payments.ibans import BadDestination
from apps.pipeline.market_decisions import NothingToDecide
from apps.pipeline.preflight import NotReady
from apps.pipeline.uploads import TooMuch
from apps.quality.services import CannotAudit, NoReason, SamePerson
from apps.reports.formats import NotForThis
from apps.reports.payments import BadPeriod, BooksDiffer
from apps.reports.payments.paying import NotPayable
from apps.workforce.inviting import CannotInvite
from apps.workforce.linking import NotCleared
from apps.workforce.own_pay import OwnPay
from apps.workforce.services import BadRestriction

# What services raise when the answer is no; each says why in a sentence.
REFUSALS = (
    NotADraft, BadSpec, BadAmount, IllegalMove, Unstorable, Refused, Bad, NotEnoughMoney, OtherEntry,
    NotReady, NoReason, BadPeriod, BooksDiffer, BadReference, BadRestriction, NotCleared, NoCorrection, NotOver,
    NotPayable, BadDestination, payments.NothingOwed, payments.NoProof, payments.NoReason, payments.NeedsAnother,
    payments.BadResults, payments.BadDay, payments.CantClose, CannotInvite, BadConfig, NotForThis, CannotAudit,
    SamePerson, OwnPay, BadToken, BadEndpoint, NothingToDecide, TooMany, TooMuch, CannotRemove,
)  # fmt: skip

Act = Callable[[Any], object]
Words = str | Promise  # text, or text to be translated when it is shown


def ask(
    page: Scoped,
    request: HttpRequest,
    *,
    title: Words,
    act: Act,
    form: Callable[..., forms.Form] = forms.Form,
    done: Words = "",
    go: Words = "",
    row: Model | None = None,
    to: str = "",
    danger: bool = False,
    template: str = "console/ask.html",
    about: Callable[[], Mapping[str, Any]] = dict,
    **context: Any,
) -> HttpResponseBase:
    """Ask on GET; on POST call `act` with the valid form, and say `done`. `about` is read where the page is shown.

    `act` may return a response of its own (a file); else the browser goes to `to`, by default the row's page or the
    list. What it refuses (`REFUSALS`) is told above the form, which keeps what was typed. `go` is the button's text.
    """
    asked = form(request.POST, request.FILES) if request.method == "POST" else form()
    base.dress(asked)
    back = address(page, row)
    if asked.is_bound and asked.is_valid():
        try:
            answer = act(asked)
        except REFUSALS as refusal:
            for sentence in sentences(refusal):
                asked.add_error(NON_FIELD_ERRORS, sentence)
        else:
            return _after(page, request, answer, row=row, done=done, to=to or back)
    shown = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "form": asked,
        "has_files": asked.is_multipart(),
        "go": go or _("Yes, do it"),
        "danger": danger,
        "back": back,
        "row": row,
        "original": row,
        **context,
        **about(),
    }
    return TemplateResponse(request, template, shown)


def sentences(refusal: Exception) -> list[str]:
    """Return why something was refused, a sentence for each reason."""
    problems = getattr(refusal, "problems", None) or [found.sentence for found in getattr(refusal, "findings", [])]
    return [capital(problem) for problem in problems] or [capital(str(refusal))]


def capital(sentence: str) -> str:
    """Return the sentence as it stands alone on a page.

    >>> capital("there are no guidelines")
    'There are no guidelines'
    """
    return sentence[:1].upper() + sentence[1:]


def address(page: Scoped, row: Model | None) -> str:
    """Return the address of a row's page, or of the list."""
    prefix = f"admin:{page.opts.app_label}_{page.opts.model_name}"
    return reverse(f"{prefix}_change", args=[row.pk]) if row is not None else reverse(f"{prefix}_changelist")


def _after(
    page: Scoped, request: HttpRequest, answer: object, *, row: Model | None, done: Words, to: str
) -> HttpResponseBase:
    if isinstance(answer, HttpResponseBase):
        return answer
    if done:
        messages.success(request, str(done))
        if row is not None:
            page.log_change(request, row, str(done))
    return HttpResponseRedirect(answer if isinstance(answer, str) else to)


def shown_once(
    page: Scoped, request: HttpRequest, *, title: Words, template: str = "console/password.html", **context: Any
) -> HttpResponse:
    """Return a page that is the answer itself, as for a password that nobody can look up again."""
    shown = {**page.admin_site.each_context(request), "opts": page.opts, "title": title, **context}
    return TemplateResponse(request, template, shown)  # which no browser keeps, as no page of the admin
