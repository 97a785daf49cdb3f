"""The figures of this instance for Prometheus, read from the rows when they are asked for.

So every web process answers alike, nothing is counted in memory, and a restart forgets nothing.
"""

from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache
from django.db.models import Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.campaigns.models import Campaign
from apps.core.money import to_decimal
from apps.ledger import queries as ledger
from apps.ledger.models import Budget
from apps.monitor import health
from apps.payments.models import Payout
from apps.pipeline import backups, watching
from apps.work.models import Assignment, Seat

SHOWN_CAMPAIGNS = 200  # under way, newest first: a label of its own for each must not swamp the monitor
BOOKS_KEY = "monitor.imbalances"
BOOKS_EVERY_SECONDS = 600  # summing all postings costs seconds once there are millions


def text() -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Rows())
    return generate_latest(registry)


class _Rows(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _belt()
        yield from _work()
        yield from _money()


def _belt() -> Iterator[Metric]:
    yield _gauge("ready", "Whether /readyz finds all that is needed here.", not health.ailments())
    messages = watching.messages_waiting()
    yield _gauge("broker_up", "Whether the broker of messages answers.", messages is not None)
    waiting = GaugeMetricFamily(
        "labelcrowd_queue_messages", "Messages that nobody has taken yet, 10,000 at most.", labels=["queue"]
    )
    for queue, count in (messages or {}).items():
        waiting.add_metric([queue], count)
    yield waiting
    if (lag := watching.queue_lag()) is not None:
        yield _gauge("queue_lag_seconds", "How long the oldest message has waited.", lag)
    yield _gauge("messages_stuck", "Messages taken over 15 minutes ago and never finished.", watching.messages_stuck())
    due = "How long has waited what is due longest, of all that workers bring forward."
    yield _gauge("oldest_due_seconds", due, watching.oldest_due())
    yield _gauge("steps_parked", "Steps given up after five tries: a person must look.", watching.parked())
    failing = GaugeMetricFamily(
        "labelcrowd_schedule_failing", "Whether what the clock does failed the last time.", labels=["schedule"]
    )
    for name, is_failing in watching.schedules_failing():
        failing.add_metric([name], is_failing)
    yield failing
    yield from _elsewhere()
    if (age := backups.age()) is not None:
        yield _gauge("backup_age_seconds", "How old the newest backup is.", age)
        yield _gauge("backup_interval_seconds", "How often one is to be made.", settings.BACKUP_HOURS * 3600)
    silence = watching.scheduler_silence()
    since = float("inf") if silence is None else silence
    yield _gauge("scheduler_silent_seconds", "How long no scheduler has done anything; +Inf before one did.", since)


def _elsewhere() -> Iterator[Metric]:
    silent = GaugeMetricFamily(
        "labelcrowd_market_silent_seconds", "How long a market with open offers has not answered.", labels=["market"]
    )
    for market, seconds in watching.markets_silent():
        silent.add_metric([market], seconds)
    yield silent
    off = "Organizations whose newest comparison with a market does not agree."
    yield _gauge("market_comparisons_off", off, watching.comparisons_off())
    yield _gauge("receivers_away", "Receivers of webhooks that did not answer five times.", watching.receivers_away())


def _work() -> Iterator[Metric]:
    open_pages = Assignment.objects.filter(state=Assignment.State.LEASED)
    yield _gauge("leases_open", "Pages in workers' hands.", open_pages.count())
    unsettled = Assignment.objects.filter(state=Assignment.State.SUBMITTED)
    yield _gauge("pages_unsettled", "Pages handed in and not decided on.", unsettled.count())
    # A counter on the seats, not a count of pages: those are as many as all work ever done.
    submits = CounterMetricFamily("labelcrowd_submits", "Pages handed in, since the beginning.")
    submits.add_metric([], Seat.objects.aggregate(pages=Sum("pages"))["pages"] or 0)
    yield submits


def _money() -> Iterator[Metric]:
    columns = {
        "amount": ("labelcrowd_budget", "what was given to it."),
        "held": ("labelcrowd_budget_held", "what is held for work in hand."),
        "spent": ("labelcrowd_budget_spent", "what it owes or paid."),
    }
    under_way = Campaign.objects.exclude(state=Campaign.State.DRAFT).filter(ended_at=None).order_by("-pk")
    campaigns = {campaign.key: str(campaign.pk) for campaign in under_way[:SHOWN_CAMPAIGNS]}
    budgets = list(Budget.objects.filter(owner__in=campaigns))
    for column, (name, what) in columns.items():
        family = GaugeMetricFamily(
            name, f"Of a campaign under way, in major units: {what}", labels=["campaign", "currency"]
        )
        for budget in budgets:
            major = to_decimal(getattr(budget, column), budget.currency)
            family.add_metric([campaigns[budget.owner], budget.currency], float(major))
        yield family
    off: int = cache.get_or_set(BOOKS_KEY, lambda: len(ledger.imbalances()), BOOKS_EVERY_SECONDS) or 0
    yield _gauge("ledger_imbalances", "Sums of the books that should be zero and are not; looked at every 10 min.", off)
    failed = Payout.objects.filter(state=Payout.State.FAILED).count()
    yield _gauge("payouts_failed", "Payouts that failed.", failed)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"labelcrowd_{name}", what, value=value)
