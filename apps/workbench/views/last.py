"""The last answers of a worker: looked back at, and changed while that can be."""

from django.http import HttpResponse
from django.shortcuts import render

from apps.core import clock
from apps.work.models import Assignment
from apps.workbench import aftermath, queries
from apps.workbench.asking import WorkerRequest, for_workers


@for_workers("GET")
def last(request: WorkerRequest) -> HttpResponse:
    """Show the last pages that the user handed in, each with its answers."""
    now = clock.now()
    handed_in = list(queries.pages_handed_in(request.user)[: queries.LAST_PAGES])
    pages = [
        {
            "page": page,
            "given": given,
            "is_changeable": page.state == Assignment.State.SUBMITTED
            and bool(page.review_after and page.review_after > now),
        }
        for page, given in zip(handed_in, aftermath.given_for(handed_in), strict=True)
    ]
    return render(request, "workbench/last.html", {"pages": pages})
