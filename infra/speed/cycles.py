"""What a cycle costs: the lease and the submit of a page of one task, by a worker's token, through the API."""

import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from django.db import connection
from django.db.models import Count, F, Q

from apps.campaigns.models import Campaign
from apps.members.models import Organization
from apps.pipeline import schedule
from apps.quality import queries as quality
from apps.work.models import Assignment, Task
from infra.house.servers import House
from infra.speed import doors, fill, load
from infra.speed.doors import Door
from infra.speed.measuring import Figure, cpu, open_house

WARM_UP = 120
CYCLES = 600
CREWS = (1, 8, 32)
COMPARED = 8  # workers, and a few turns each, by turns: what else the machine does meanwhile meets both alike
TURN = 250
TURNS = 4
MANY_TASKS = 1_000_000
MANY_TASKS_NAME = "many tasks"
FEW_TASKS = 1_000
LONG_HISTORY = 50_000
SHORT_HISTORY = 1_000
PATIENCE_SECONDS = 120


def crews(home: House) -> Iterator[Figure]:
    """Measure one, eight and thirty-two workers at once; then what follows from their pages in the worker process."""
    open_house(home)
    owner = fill.organization()
    for count in CREWS:
        campaign = fill.campaign(owner, f"crew of {count}", tasks=FEW_TASKS)
        crew = _crew(home, campaign, count)
        home.signal("worker", signal.SIGSTOP)  # its share is settle_cpu_ms
        yield from _cycles(home, campaign, crew, count)
        home.signal("worker", signal.SIGCONT)
        settling = _settle(home, campaign)
        if count == COMPARED:
            yield settling
    yield _past_redundancy(home, owner)


def sizes(home: House) -> Iterator[Figure]:
    """Compare campaigns of a thousand and of a million tasks."""
    open_house(home)
    owner = fill.organization()
    few = fill.campaign(owner, "few tasks", tasks=FEW_TASKS)
    many = fill.campaign(owner, MANY_TASKS_NAME, tasks=MANY_TASKS)
    fill.tidy()
    yield from _compare(
        home,
        {
            "cycle_cpu_ms_1k_tasks": (few, _crew(home, few, COMPARED), f"{FEW_TASKS:,} tasks, {COMPARED} workers"),
            "cycle_cpu_ms_1m_tasks": (many, _crew(home, many, COMPARED), f"{MANY_TASKS:,} tasks, {COMPARED} workers"),
        },
    )


def histories(home: House) -> Iterator[Figure]:
    """Compare a worker with a thousand judgments in the campaign and one with fifty thousand."""
    open_house(home)
    campaign = fill.campaign(fill.organization(), "histories", tasks=LONG_HISTORY + 10_000)
    new, old = doors.enlist(campaign, 2)
    fill.history(campaign, new.worker, SHORT_HISTORY)
    fill.history(campaign, old.worker, LONG_HISTORY)
    fill.tidy()
    by_name = {
        "cycle_cpu_ms_1k_history": (new, f"one worker with {SHORT_HISTORY:,} judgments"),
        "cycle_cpu_ms_50k_history": (old, f"one worker with {LONG_HISTORY:,} judgments"),
    }
    address = home.addresses[0]
    yield from _compare(
        home, {name: (campaign, [doors.Api.of(address, who)], told) for name, (who, told) in by_name.items()}
    )


def _crew(home: House, campaign: Campaign, count: int) -> list[Door]:
    return [doors.Api.of(home.addresses[0], member) for member in doors.enlist(campaign, count)]


def _cycles(home: House, campaign: Campaign, crew: Sequence[Door], count: int) -> Iterator[Figure]:
    fill.tidy()
    load.run(crew, campaign.pk, cycles=WARM_UP)
    with cpu(home) as meter:
        done = load.run(crew, campaign.pk, cycles=CYCLES)
    shares = ", ".join(f"{name} {1000 * spent / done.cycles:.1f}" for name, spent in meter.by_program.items())
    setting = f"{count} workers through the API, {done.cycles} cycles at {done.cycles / done.seconds:.0f}/s: {shares}"
    yield Figure(f"cycle_cpu_ms_{count}", 1000 * meter.total / done.cycles, "ms", setting, most=10)
    if count == max(CREWS):
        p95 = 1000 * sorted(done.leases)[int(0.95 * done.cycles)]
        yield Figure(f"next_p95_ms_{count}", p95, "ms", f"wait for a lease, {count} workers without a pause")


def _settle(home: House, campaign: Campaign) -> Figure:
    """Measure what the worker process does for the pages that wait: review, owing, and one round of consensus."""
    waiting = Assignment.objects.filter(campaign=campaign, state=Assignment.State.SUBMITTED)
    pages = waiting.count()
    began = time.monotonic()
    end = began + PATIENCE_SECONDS
    with cpu(home) as meter:
        while waiting.exists() and time.monotonic() < end:
            time.sleep(0.5)
        schedule.sweep()
        while quality.is_combination_due(campaign) and time.monotonic() < end:
            time.sleep(0.5)
    left, seconds = waiting.count(), time.monotonic() - began
    connection.close()
    done = max(pages - left, 1)
    shares = ", ".join(f"{name} {1000 * spent / done:.1f}" for name, spent in meter.by_program.items())
    setting = (
        f"{pages - left} pages of one task, and the campaign's consensus once, {seconds:.0f} s; {left} not settled"
    )
    return Figure("settle_cpu_ms", 1000 * meter.total / done, "ms", f"{setting}: {shares}")


def _past_redundancy(home: House, owner: Organization) -> Figure:
    campaign = fill.campaign(owner, "to the end", tasks=100)
    done = load.run(_crew(home, campaign, max(CREWS)), campaign.pk, cycles=100_000)
    live = Count("places", filter=Q(places__state__in=["open", "answered"]))
    tasks = Task.objects.filter(campaign=campaign, gold=False).annotate(live=live)
    over, under = tasks.filter(live__gt=F("wanted")).count(), tasks.filter(live__lt=F("wanted")).count()
    setting = f"tasks over their redundancy after {done.cycles} cycles of 32 workers on 100 tasks; {under} under it"
    return Figure("past_redundancy_32", over, "tasks", setting, most=0)


def _compare(home: House, cases: dict[str, tuple[Campaign, Sequence[Door], str]]) -> Iterator[Figure]:
    spent: dict[str, Counter[str]] = {name: Counter() for name in cases}
    cycles = dict.fromkeys(cases, 0)
    open_house(home)  # what filling left behind, as vacuums and checkpoints, is no cycle's
    home.signal("worker", signal.SIGSTOP)  # nor is what it settles, which PostgreSQL takes part in
    for campaign, crew, _ in cases.values():
        load.run(crew, campaign.pk, cycles=WARM_UP)
    for _ in range(TURNS):
        for name, (campaign, crew, _) in cases.items():
            with cpu(home) as meter:
                done = load.run(crew, campaign.pk, cycles=TURN)
            spent[name].update(meter.by_program)
            cycles[name] += done.cycles
    home.signal("worker", signal.SIGCONT)
    costs = {name: 1000 * spent[name].total() / cycles[name] for name in cases}
    base = next(iter(costs.values()))
    for name, (_, _, told) in cases.items():
        shares = ", ".join(f"{program} {1000 * share / cycles[name]:.1f}" for program, share in spent[name].items())
        setting = f"{told}, {cycles[name]} cycles: {shares}; {costs[name] / base:.2f} times the cost of the small one"
        yield Figure(name, costs[name], "ms", setting, most=1.2 * base)
