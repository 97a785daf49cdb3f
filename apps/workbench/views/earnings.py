"""What a worker earned, and what became of each page."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.payments import queries as payments
from apps.workbench import income, queries
from apps.workbench.asking import WorkerRequest, for_workers, wants_json
from apps.workforce import queries as workforce

PAGES_SHOWN = 25
DAYS_SHOWN = 30
PAYMENTS_SHOWN = 12


@for_workers("GET")
def earnings(request: WorkerRequest) -> HttpResponse:
    """Show what is pending, approved and paid, day by day, and the pages it comes from."""
    workers = list(workforce.identities(request.user))
    sums = payments.earnings(workers)
    if wants_json(request):
        return JsonResponse({"earnings": [vars(one) for one in sums]})
    since = income.since_morning() - timedelta(days=DAYS_SHOWN - 1)  # whole days, with today
    context = {
        "sums": sums,
        "stretches": [
            *income.earned(workers, since=income.since_morning(), name=_("Today")),
            *income.earned(workers, since=income.since_monday(), name=_("This week")),
        ],
        "campaigns": income.earned_by_campaign(workers, since=since),
        "credits": _part(request, "credits", payments.credits(workers), PAYMENTS_SHOWN),
        "payments": _part(request, "payments", income.payments(workers), PAYMENTS_SHOWN),
        "days": payments.earnings_by_day(workers, since=since),
        "days_shown": DAYS_SHOWN,
        "pages": _part(request, "page", queries.pages_handed_in(request.user), PAGES_SHOWN),
    }
    return render(request, "workbench/earnings.html", context)


def _part(request: WorkerRequest, name: str, rows: QuerySet[Any], size: int) -> Page[Any]:
    """Return the part of a list that is asked for by its name."""
    return Paginator(rows, size).get_page(request.GET.get(name))
