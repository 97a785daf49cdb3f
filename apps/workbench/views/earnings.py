"""What a worker earned, and what became of each page."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from apps.core import clock
from apps.payments import queries as payments
from apps.workbench import queries
from apps.workbench.asking import WorkerRequest, for_workers, wants_json
from apps.workforce import queries as workforce

PAGES_SHOWN = 25
DAYS_SHOWN = 30


@for_workers("GET")
def earnings(request: WorkerRequest) -> HttpResponse:
    """Show what is pending, approved and paid, day by day, and the pages it comes from."""
    workers = list(workforce.identities(request.user))
    sums = payments.earnings(workers)
    if wants_json(request):
        return JsonResponse({"earnings": [vars(one) for one in sums]})
    context = {
        "sums": sums,
        "days": payments.earnings_by_day(workers, since=clock.now() - timedelta(days=DAYS_SHOWN)),
        "days_shown": DAYS_SHOWN,
        "pages": Paginator(queries.pages_handed_in(request.user), PAGES_SHOWN).get_page(request.GET.get("page")),
    }
    return render(request, "workbench/earnings.html", context)
