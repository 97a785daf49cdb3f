"""Plants second accounts of one person and prints how many of them each sign finds, and which honest pairs it takes.

    DATABASE_URL=postgres://... make bench-linked      the embedded database where DATABASE_URL is not set

The traces go through `workforce.linking.note`, as a sign-in and a payout method leave them, and the answers through
`quality.suspicions.alike`, in a database that is dropped at the end. Payout and browser are equalities: they find whom
they can see and nobody else, so what a person hides decides, and the shares below are assumptions, not measurements:

    honest workers   every fortieth shares a browser and a payout with their partner; all work from one of 60 ranges of
                     addresses, most of them from a few (a campus, a mobile network)
    puppets          of four sorts by what their two accounts share: payout; browser; range alone; nothing

Two accounts of one person give the same answer nine times in ten. Those that are linked share no item and need no more;
those that are not answer a fifth of each other's items. Also written to var/bench/linked.json.
"""

# ruff: noqa: E402 - the settings must be known before a model is imported
from __future__ import annotations

import json
import os
import sys
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")

import django

django.setup()

import numpy as np
from django.db import connection

from apps.aggregation import Table, suspicion
from apps.members.models import Organization
from apps.quality.suspicions import alike, near
from apps.workforce import linking
from apps.workforce.models import Link, Trace, Worker

OUT = Path(__file__).parents[2] / "var" / "bench" / "linked.json"
HONEST, EACH, ITEMS, VOTES, LABELS, RANGES, CROWDS = 200, 5, 2000, 5, 3, 60, 5
SORTS = ("payout", "browser", "range", "nothing")
SIGNS = ("payout", "browser", "answers and range", "answers", "any of these")


def main() -> None:
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        found = [crowd(seed) for seed in range(CROWDS)]
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    print(f"{CROWDS} crowds of {HONEST} honest workers, {EACH} persons of each sort with two accounts, {ITEMS:,} items")
    print(f"{'share found by':<16}" + "".join(f"{sign:>20}" for sign in SIGNS))
    report = {}
    for sort in (*SORTS, "honest pairs"):
        report[sort] = {sign: float(np.mean([one[sort, sign] for one in found])) for sign in SIGNS}
        print(
            f"{sort:<16}" + "".join(f"{report[sort][sign]:>20.{4 if sort == 'honest pairs' else 0}%}" for sign in SIGNS)
        )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n")


def crowd(seed: int) -> dict[tuple[str, str], float]:
    """Return the share of each sort's pairs, and of honest pairs, that each sign finds."""
    rng = np.random.default_rng(seed)
    sort = np.repeat([*SORTS, "honest"], [2 * EACH] * len(SORTS) + [HONEST])  # accounts 2n and 2n + 1 are one person's
    organization = Organization.objects.create(name=f"Crowd {seed}", slug=f"crowd-{seed}")
    workers = Worker.objects.bulk_create(
        Worker(organization=organization, channel="internal", external_id=f"{seed}-{n}") for n in range(len(sort))
    )
    leave(workers, sort, rng)
    by_sign = found_by(workers, table(sort, rng))
    pairs = {one: {(n, n + 1) for n in range(0, len(sort), 2) if sort[n] == one} for one in SORTS}
    pairs["honest pairs"] = set(combinations(np.flatnonzero(sort == "honest").tolist(), 2))
    return {(one, sign): len(of & by_sign[sign]) / len(of) for one, of in pairs.items() for sign in SIGNS}


def leave(workers: list[Worker], sort, rng) -> None:
    """Leave the traces of each account: where it is paid, in which browser and from which range it works."""
    person = np.arange(len(workers)) // 2
    home = np.minimum(rng.zipf(1.6, len(workers)) - 1, RANGES - 1)
    for n, worker in enumerate(workers):
        couple = sort[n] == "honest" and person[n] % 20 == 0
        shares = {"payout"} if sort[n] == "payout" else {"browser"} if sort[n] == "browser" else set()
        shares |= {"payout", "browser"} if couple else set()
        linking.note(worker, kind=Trace.Kind.PAYOUT, value=f"account {person[n] if 'payout' in shares else f'of {n}'}")
        linking.note(worker, kind=Trace.Kind.DEVICE, value=f"browser {person[n] if 'browser' in shares else f'of {n}'}")
        one_range = sort[n] == "range" or couple
        linking.note(worker, kind=Trace.Kind.NETWORK, value=f"home {person[n]}" if one_range else f"range {home[n]}")


def found_by(workers: list[Worker], given: Table) -> dict[str, set[tuple[int, int]]]:
    code = {worker.pk: n for n, worker in enumerate(workers)}
    found: dict[str, set[tuple[int, int]]] = {"payout": set(), "browser": set()}
    for first, second, kind in Link.objects.filter(first__in=workers).values_list("first", "second", "kind"):
        found["payout" if kind == Trace.Kind.PAYOUT else "browser"].add(tuple(sorted((code[first], code[second]))))
    bound = suspicion.threshold(given.n_workers)
    known = np.full(given.n_tasks, -1)
    for sign, close in (("answers and range", near([worker.pk for worker in workers])), ("answers", set())):
        found[sign] = {tuple(codes) for _, codes, odds, _ in alike(given, known, near=close) if odds >= bound}
    return found | {"any of these": set.union(*found.values())}


def table(sort, rng) -> Table:
    """Return answers in which two accounts that are not linked meet on a fifth of their items, and say the same."""
    workers = len(sort)
    truth, easy, skill = rng.integers(0, LABELS, ITEMS), rng.normal(0, 1, ITEMS), rng.uniform(0.4, 3.5, workers)
    said = {}
    for item in range(ITEMS):
        chosen = rng.choice(workers, VOTES, replace=False).tolist()
        chosen += [n ^ 1 for n in chosen if sort[n] in ("range", "nothing") and rng.random() < 0.2]
        for n in sorted(set(chosen)):
            right = rng.random() < 1 / (1 + np.exp(-(skill[n // 2 * 2 if sort[n] != "honest" else n] + easy[item])))
            label = truth[item] if right else (truth[item] + rng.integers(1, LABELS)) % LABELS
            same = sort[n] in ("range", "nothing") and n % 2 == 1 and (item, n - 1) in said and rng.random() < 0.9
            said[item, n] = said[item, n - 1] if same else label
    task, worker = np.array(list(said)).T
    return Table(task, worker, np.array(list(said.values())), ITEMS, workers, LABELS)


if __name__ == "__main__":
    main()
