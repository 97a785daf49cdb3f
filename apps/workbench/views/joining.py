"""How people join: an invitation accepted, and terms agreed to, the first and any later version."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.core.states import IllegalMove
from apps.members import accounts, consent
from apps.members.models import User
from apps.workbench import wording
from apps.workbench.asking import WorkerRequest, for_workers
from apps.workbench.forms import NewAccount
from apps.workforce import inviting
from apps.workforce import queries as workforce
from apps.workforce import services as workforce_services
from apps.workforce.inviting import NotInvited
from apps.workforce.models import Invitation


@for_workers("GET")
def logged_in(request: WorkerRequest) -> HttpResponse:
    """Say where one goes on who logged in beside a page that waits to be sent once more."""
    return render(request, "workbench/logged_in.html")


@for_workers("GET", "POST")
def terms(request: WorkerRequest) -> HttpResponse:
    """Show terms that are to be agreed to, one after the other; note who agreed."""
    waiting = consent.not_agreed(request.user, organizations=workforce.own_organizations(request.user))
    asked = waiting.order_by("pk").first()
    if request.method == "POST" and asked is not None and request.POST.get("terms") == str(asked.pk):
        consent.agree(request.user, terms=asked)
        asked = waiting.order_by("pk").first()
    if asked is None:
        following = request.POST.get("next") or request.GET.get("next") or ""
        is_ours = url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()})
        return redirect(following if is_ours else "workbench:open")
    is_first = not asked.organization.terms.filter(consents__user=request.user).exists()
    context = {"terms": asked, "is_first": is_first, "next": request.GET.get("next", "")}
    return render(request, "workbench/agree.html", context)


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what somebody is invited to, and make them a worker who agrees to it."""
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        invited = inviting.invited(token)
    except NotInvited as error:
        return render(request, "workbench/not_invited.html", {"said": wording.sentence(str(error))}, status=410)
    known = accounts.with_email(invited.email)
    if known is None:
        return _as_somebody_new(request, invited)
    if request.user != known:
        return render(request, "workbench/invited_by_account.html", {"invitation": invited, "next": request.path})
    if accounts.is_somebody_elses(known, of=invited.organization_id):
        return render(request, "workbench/invited_by_mail.html", {"invitation": invited}, status=403)
    return _as_somebody_known(request, invited, known)


def _as_somebody_known(request: HttpRequest, invited: Invitation, user: User) -> HttpResponse:
    if request.method == "POST" and request.POST.get("agree"):
        return _accepted(request, invited, user)
    context = {"invitation": invited, "terms": consent.newest_terms(invited.organization), "form": None}
    return render(request, "workbench/invitation.html", context)


def _as_somebody_new(request: HttpRequest, invited: Invitation) -> HttpResponse:
    form = NewAccount(
        request.POST or None, email=invited.email, initial={"languages": invited.languages}, label_suffix=""
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with transaction.atomic():
                user = accounts.open_account(
                    invited.email,
                    password=given["password"],
                    of=invited.organization_id,
                    name=given["name"],
                    language=given["language"],
                    time_zone=given["time_zone"],
                )
        except IntegrityError:  # the same form twice at once: the other one made it
            return redirect(request.path)
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        answer = _accepted(request, invited, user)
        workforce_services.speak(user, languages=given["languages"])
        return answer
    context = {"invitation": invited, "terms": consent.newest_terms(invited.organization), "form": form}
    return render(request, "workbench/invitation.html", context, status=422 if form.errors else 200)


def _accepted(request: HttpRequest, invited: Invitation, user: User) -> HttpResponse:
    try:
        inviting.accept(invited, user=user)
    except IllegalMove:
        said = wording.sentence(_("this invitation was taken back"))
        return render(request, "workbench/not_invited.html", {"said": said}, status=410)
    messages.success(request, _("Welcome. Here is the work that is open to you."))
    return redirect("workbench:open")
