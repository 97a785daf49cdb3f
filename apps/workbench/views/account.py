"""A worker's own account: an overview, preferences, what is held, being erased."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from apps.core.languages import language
from apps.members import accounts
from apps.members.models import Consent
from apps.payments import queries as payments
from apps.pipeline import flow
from apps.reports import own_data
from apps.workbench import wording
from apps.workbench.asking import WorkerRequest, for_workers
from apps.workbench.forms import AboutMe, languages
from apps.workforce import queries as workforce
from apps.workforce import services as workforce_services


@for_workers("GET", "POST")
def account(request: WorkerRequest) -> HttpResponse:
    """Show the account; keep what was changed in it."""
    user = request.user
    workers = list(workforce.identities(user).prefetch_related("qualifications"))
    spoken = sorted({code for worker in workers for code in worker.languages})
    form = AboutMe(
        request.POST or None,
        initial={
            "name": user.name,
            "languages": spoken,
            "language": user.language,
            "time_zone": user.time_zone,
        },
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        accounts.prefer(user, name=given["name"], language=given["language"], time_zone=given["time_zone"])
        known = {code for code, _name in languages()}
        unlisted = [code for code in spoken if code not in known]
        workforce_services.speak(user, languages=[*given["languages"], *unlisted])
        if given["language"]:
            translation.activate(given["language"])
        messages.success(request, _("Kept."))
        return redirect("workbench:account")
    context = {
        "form": form,
        "workers": workers,
        "spoken": [language(code) for code in spoken],
        "consents": Consent.objects.filter(user=user).select_related("terms__organization").order_by("-at"),
        "is_owed": payments.is_owed(workers),
    }
    return render(request, "workbench/account.html", context, status=422 if form.errors else 200)


@for_workers("GET")
def data(request: WorkerRequest) -> StreamingHttpResponse:
    """Send everything that is held about the person, as a file."""
    answer = StreamingHttpResponse(own_data.parts(request.user), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="labelcrowd-about-me.json"'
    return answer


@for_workers("GET", "POST")
def erase(request: WorkerRequest) -> HttpResponse:
    """Ask what being erased means; have it done, or take the wish back."""
    user = request.user
    workers = list(workforce.identities(user))
    if request.method == "POST" and "keep" in request.POST:
        accounts.keep_after_all(user)
        messages.success(request, _("Your account stays."))
        return redirect("workbench:account")
    if request.method == "POST":
        try:
            flow.ask_for_erasure(user)
        except accounts.CannotErase as error:
            messages.error(request, wording.sentence(str(error)))
            return redirect("workbench:account")
        if payments.is_owed(workers):
            messages.success(request, _("You will be erased as soon as you have been paid."))
            return redirect("workbench:account")
        logout(request)
        return render(request, "workbench/erased.html")
    context = {"is_owed": payments.is_owed(workers), "years_kept": settings.PAID_TO_KEPT_YEARS}
    return render(request, "workbench/erase.html", context)
