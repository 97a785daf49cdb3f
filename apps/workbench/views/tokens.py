"""The tokens by which programs of a worker's own work: made, seen, revoked. What one may do is told in apps.api."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.members import queries as members
from apps.members import services
from apps.members.models import Organization, Scope, Token, User
from apps.workbench.asking import WorkerRequest, for_workers
from apps.workforce import queries as workforce

MOST = 20  # that let somebody in at a time: more are forgotten ones
SHOWN = 25


class NewToken(forms.Form):
    """What it is for, how long it lets in, and where, for who works for several."""

    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=100)
    organization = forms.ModelChoiceField(
        label=gettext_lazy("For work of"), queryset=Organization.objects.none(), empty_label=None
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until it ends"), min_value=1, max_value=services.LONGEST_DAYS, initial=90
    )

    def __init__(self, *typed: Any, request: WorkerRequest, **values: Any) -> None:
        super().__init__(*typed, **values)
        self.user = request.user
        own = workforce.identities(request.user).values("organization")
        where: Any = self.fields["organization"]
        where.queryset = Organization.objects.filter(pk__in=own).order_by("name")
        if len(where.queryset) == 1:
            self.only = where.queryset[0]
            del self.fields["organization"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "organization" not in self.fields:
            values["organization"] = self.only
        if tokens_of(self.user).filter(revoked_at=None, expires_at__gt=clock.now()).count() >= MOST:
            raise forms.ValidationError(
                _("You have %(n)s tokens that let somebody in: revoke one before you make another.") % {"n": MOST}
            )
        return values


def tokens_of(user: User) -> QuerySet[Token]:
    """Return the tokens by which somebody works as this person."""
    return members.work_tokens(user, workers=workforce.identities(user).values_list("pk", flat=True))


@for_workers("GET")
def tokens(request: WorkerRequest) -> HttpResponse:
    """Show the tokens by which somebody works as this person, whoever made them."""
    page = Paginator(tokens_of(request.user), SHOWN).get_page(request.GET.get("page"))
    return render(request, "workbench/tokens.html", {"tokens": page, "now": clock.now()})


@for_workers("GET", "POST")
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def make_token(request: WorkerRequest) -> HttpResponse:
    """Ask what a token is for; make it, and show it once."""
    form = NewToken(request.POST or None, request=request)
    if request.method != "POST" or not form.is_valid():
        return render(request, "workbench/make_token.html", {"form": form}, status=422 if form.errors else 200)
    given = form.cleaned_data
    token, secret = services.make_token(
        given["organization"], name=given["name"], scopes=[Scope.WORK], days=given["days"], user=request.user,
        by=request.user,
    )  # fmt: skip
    return render(request, "workbench/token_made.html", {"token": token, "secret": secret})


@for_workers("POST")
def revoke_token(request: WorkerRequest, token_id: UUID) -> HttpResponse:
    """Let nobody in by it any more, whoever made it."""
    found = tokens_of(request.user).filter(pk=token_id).first()
    if found is None:
        raise Http404("there is no such token of yours")
    services.revoke(found, by=request.user)
    messages.success(request, _("Revoked: it lets nobody in any more."))
    return redirect("workbench:tokens")
