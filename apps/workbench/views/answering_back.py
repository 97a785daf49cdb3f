"""A worker answers back: disputes a rejection, contests a known answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.core.text import Unstorable
from apps.quality import services as quality
from apps.workbench import queries, wording
from apps.workbench.asking import WorkerRequest, for_workers


@for_workers("GET", "POST")
def dispute(request: WorkerRequest, assignment_id: UUID) -> HttpResponse:
    """Dispute the rejection of a page."""
    page = queries.page_of(request.user, assignment_id)
    if request.method == "POST":
        try:
            quality.dispute(page, worker=page.worker, text=request.POST.get("text", ""))
        except (quality.CannotDispute, Unstorable) as error:
            messages.error(request, wording.sentence(str(error)))
        else:
            messages.success(request, _("Somebody else than who rejected the page will decide."))
    return redirect("workbench:page", page.pk)


@for_workers("GET", "POST")
def contest(request: WorkerRequest, assignment_id: UUID, gold_id: int) -> HttpResponse:
    """Contest a known answer that the page's worker was told."""
    page = queries.page_of(request.user, assignment_id)
    if request.method == "POST":
        try:
            quality.contest(gold_id, page=page, worker=page.worker, text=request.POST.get("text", ""))
        except (quality.CannotContest, Unstorable) as error:
            messages.error(request, wording.sentence(str(error)))
        else:
            messages.success(request, _("Noted. If others miss it too, the question is taken out until it is checked."))
    return redirect("workbench:page", page.pk)
