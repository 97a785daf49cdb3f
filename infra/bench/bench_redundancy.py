"""Replays real crowds: answers saved by asking only where it is still doubtful, at equal accuracy.

    LABELCROWD_CROWD_DATA=folder make bench-redundancy

Fixed redundancy k with majority or with the same Dawid-Skene, against the adaptive policy. A share of its paid answers
is to control questions (ARGS="--gold 0.1" for another than the usual one); the model learns from those and no others,
and each is billed. The target confidence for a set is the one that saved most on the *other* sets without losing
accuracy there. Then the default target, untuned; and a campaign's own policies at that target, against k=5 and k=10: as
one has it that is made with most answers and nothing else, and where the answers for each item and the gold are those
of a campaign that asks nobody again. Each worker's early gold is billed there on top, and nothing learnt from it.
ARGS="--shipped" prints these alone. Means over seeds. Also written to var/bench/redundancy.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from real_crowds import categorical, look

from apps.aggregation import Table, dawid_skene, majority, replay
from apps.aggregation.online import CONTROL_SHARE, Policy

SETS = ("bluebirds", "snow_rte", "snow_temp", "cf_amt", "sp_amt", "s_face")
TARGETS = (*(round(0.55 + 0.025 * step, 3) for step in range(17)), 0.98, 0.99)  # 0.55, 0.575, …, 0.95
SEEDS = 10
CAMPAIGN_SEEDS = 3
# What campaigns have, as apps/campaigns/spec.py makes them: with most answers given, and where only these are added.
SHIPPED = {"made adaptive": (Policy().least, CONTROL_SHARE), "three at first, one in ten gold": (3, 0.1)}
EARLY_GOLD, EARLY_PLACES = 2, 10
OUT = Path(__file__).parents[2] / "var" / "bench" / "redundancy.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", type=float, default=CONTROL_SHARE, help="share of control questions")
    parser.add_argument("--shipped", action="store_true", help="only what campaigns have")
    args = parser.parse_args()
    gold = args.gold
    if look() is None:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
        return
    if args.shipped:
        tell_campaigns({name: bases(name) for name in SETS})
        return
    measured = {name: measure(name, gold) for name in SETS}
    print(f"{'':<12}{'MV k=5':>9}{'DS k=5':>9}{'MV k=10':>9}" + "".join(f"{target:>15}" for target in TARGETS))
    for name, row in measured.items():
        print(
            f"{name:<12}{row['mv5']:>9.3f}{row['ds5']:>9.3f}{row['mv10']:>9.3f}"
            + "".join(f"{a:>8.3f}{b:>6.2f}n" for a, b in row["adaptive"])
        )
    print("each target: accuracy, answers a task, control questions among them\n")
    savings: dict[str, list[float]] = {"mv5": [], "ds5": []}
    gaps: dict[str, list[float]] = {"mv5": [], "ds5": []}
    for name in SETS:
        line = f"{name:<12}"
        for base in savings:
            at = chosen([measured[other] for other in SETS if other != name], base)
            accuracy, answers = measured[name]["adaptive"][at]
            savings[base].append(1 - answers / measured[name]["bill"][base])
            gap = accuracy - measured[name][base]
            gaps[base].append(gap)
            line += f"  vs {base}: target {TARGETS[at]}, saves {savings[base][-1]:+.1%}, accuracy {gap:+.3f}"
        print(line)
    means = [f"vs {base} {np.mean(saved):.1%}, accuracy {np.mean(gaps[base]):+.4f}" for base, saved in savings.items()]
    print("mean saving: " + "; ".join(means))
    honest = {base: [cheapest(row, base) / row["bill"][base] for row in measured.values()] for base in savings}
    print(
        "the cheapest target no worse on each set itself, chosen on it: "
        + "; ".join(f"saves {1 - np.mean(shares):.1%} vs {base}" for base, shares in honest.items())
    )
    at = TARGETS.index(Policy().target)
    default: list[tuple[float, float]] = []
    for name in SETS:
        accuracy, answers = measured[name]["adaptive"][at]
        default.append((answers / measured[name]["bill"]["mv10"], accuracy - measured[name]["mv10"]))
        print(f"default {name:<12} {default[-1][0]:.0%} of k=10, accuracy {default[-1][1]:+.3f} vs majority")
    share, gap = np.mean(default, axis=0)
    print(f"default {'mean':<12} {share:.0%} of k=10, accuracy {gap:+.3f} vs majority")
    tell_campaigns(measured)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        json.dumps({"targets": TARGETS, "sets": measured, "savings": savings, "gaps": gaps}, indent=1) + "\n"
    )


def measure(name: str, gold: float) -> dict:
    table, truth = categorical(name)
    return bases(name) | {
        "adaptive": [adaptive(table, truth, Policy(target=target), gold) for target in TARGETS],
    }


def bases(name: str) -> dict:
    """Return the accuracy of fixed numbers of answers, and the bill a task: a set may have fewer than that of some."""
    table, truth = categorical(name)
    asked = {"mv5": (5, majority.fit), "ds5": (5, dawid_skene.fit), "mv10": (10, majority.fit)}
    found = {base: fixed(table, truth, k, method) for base, (k, method) in asked.items()}
    return {base: accuracy for base, (accuracy, _) in found.items()} | {
        "bill": {base: bill for base, (_, bill) in found.items()}
    }


def fixed(table: Table, truth, k: int, method) -> tuple[float, float]:
    return over_seeds(lambda seed: replay.fixed(table, k, method=method, seed=seed), truth)


def tell_campaigns(measured: dict[str, dict]) -> None:
    """Print what a campaign's own policies save at the default target, against each base."""
    for words, (least, share) in SHIPPED.items():
        rows = [(row, campaign(name, least, share)) for name, row in measured.items()]
        for base in ("mv5", "ds5", "mv10"):
            saved = np.mean([1 - answers / row["bill"][base] for row, (_, answers) in rows])
            gap = np.mean([accuracy - row[base] for row, (accuracy, _) in rows])
            print(f"{words}: {saved:+.1%} fewer answers than {base}, accuracy {gap:+.3f}", flush=True)


def campaign(name: str, least: int, share: float) -> tuple[float, float]:
    """Return accuracy, and answers a task, at the default target, with the early gold of all workers on the bill."""
    table, truth = categorical(name)
    accuracy, answers = adaptive(table, truth, Policy(least=least), share, seeds=CAMPAIGN_SEEDS)
    early = max(0.0, EARLY_GOLD - share * EARLY_PLACES) * table.n_workers / table.n_tasks
    return accuracy, answers + early


def adaptive(table: Table, truth, policy: Policy, gold: float, *, seeds: int = SEEDS) -> tuple[float, float]:
    return over_seeds(
        lambda seed: replay.adaptive(table, policy, truth=truth, gold_share=gold, seed=seed), truth, seeds
    )


def over_seeds(run, truth, seeds: int = SEEDS) -> tuple[float, float]:
    """Return the mean accuracy on tasks that are no gold, and the mean bill for each of them."""
    outcomes = [run(seed) for seed in range(seeds)]
    judged = [outcome.judged & (truth >= 0) for outcome in outcomes]
    right = [(one.result.label == truth)[rows].mean() for one, rows in zip(outcomes, judged, strict=True)]
    answers = [outcome.bill / max(int(outcome.judged.sum()), 1) for outcome in outcomes]
    return float(np.mean(right)), float(np.mean(answers))


def chosen(others: list[dict], base: str) -> int:
    """Return the cheapest target whose mean accuracy on the other sets is not below the base's."""
    wanted = np.mean([row[base] for row in others])
    means = [np.mean([row["adaptive"][at][0] for row in others]) for at in range(len(TARGETS))]
    enough = [at for at, mean in enumerate(means) if mean >= wanted]
    return min(enough, default=len(TARGETS) - 1)


def cheapest(row: dict, base: str) -> float:
    """Return the fewest answers a task at which a set is no worse than the base; the base's own where none is."""
    return min((answers for accuracy, answers in row["adaptive"] if accuracy >= row[base]), default=row["bill"][base])


if __name__ == "__main__":
    main()
