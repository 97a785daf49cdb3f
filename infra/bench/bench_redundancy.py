"""Replays real crowds: answers saved by asking only where it is still doubtful, at equal accuracy.

    LABELCROWD_CROWD_DATA=folder make bench-redundancy

Fixed redundancy k with majority or with the same Dawid-Skene, against the adaptive policy. A share of its paid answers
is to control questions (ARGS="--gold 0.1" for another than the usual one); the model learns from those and no others,
and each is billed. The target confidence for a set is the one that saved most on the *other* sets without losing
accuracy there. Then the default target, untuned. Means over seeds. Also written to var/bench/redundancy.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from real_crowds import categorical, folder

from apps.aggregation import dawid_skene, majority, replay
from apps.aggregation.online import CONTROL_SHARE, Policy

SETS = ("bluebirds", "snow_rte", "snow_temp", "cf_amt", "sp_amt", "s_face")
TARGETS = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
SEEDS = 10
OUT = Path(__file__).parents[2] / "var" / "bench" / "redundancy.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", type=float, default=CONTROL_SHARE, help="share of control questions")
    gold = parser.parse_args().gold
    if folder() is None:
        print("not run: LABELCROWD_CROWD_DATA names no folder of real crowds")
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
        for base, k in (("mv5", 5), ("ds5", 5)):
            at = chosen([measured[other] for other in SETS if other != name], base)
            accuracy, answers = measured[name]["adaptive"][at]
            savings[base].append(1 - answers / k)
            gap = accuracy - measured[name][base]
            gaps[base].append(gap)
            line += f"  vs {base}: target {TARGETS[at]}, saves {1 - answers / k:+.1%}, accuracy {gap:+.3f}"
        print(line)
    means = [f"vs {base} {np.mean(saved):.1%}, accuracy {np.mean(gaps[base]):+.4f}" for base, saved in savings.items()]
    print("mean saving: " + "; ".join(means))
    at = TARGETS.index(Policy().target)
    default: list[tuple[float, float]] = []
    for name in SETS:
        accuracy, answers = measured[name]["adaptive"][at]
        default.append((answers / 10, accuracy - measured[name]["mv10"]))
        print(f"default {name:<12} {default[-1][0]:.0%} of k=10, accuracy {default[-1][1]:+.3f} vs majority")
    share, gap = np.mean(default, axis=0)
    print(f"default {'mean':<12} {share:.0%} of k=10, accuracy {gap:+.3f} vs majority")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        json.dumps({"targets": TARGETS, "sets": measured, "savings": savings, "gaps": gaps}, indent=1) + "\n"
    )


def measure(name: str, gold: float) -> dict:
    table, truth = categorical(name)

    def accuracy(outcome: replay.Outcome) -> float:
        judged = outcome.judged & (truth >= 0)
        return float((outcome.result.label == truth)[judged].mean())

    def over_seeds(run) -> tuple[float, float]:
        outcomes = [run(seed) for seed in range(SEEDS)]
        tasks = [max(int(outcome.judged.sum()), 1) for outcome in outcomes]
        answers = [outcome.bill / number for outcome, number in zip(outcomes, tasks, strict=True)]
        return float(np.mean([accuracy(outcome) for outcome in outcomes])), float(np.mean(answers))

    return {
        "mv5": over_seeds(lambda seed: replay.fixed(table, 5, method=majority.fit, seed=seed))[0],
        "ds5": over_seeds(lambda seed: replay.fixed(table, 5, method=dawid_skene.fit, seed=seed))[0],
        "mv10": over_seeds(lambda seed: replay.fixed(table, 10, method=majority.fit, seed=seed))[0],
        "adaptive": [
            over_seeds(
                lambda seed, target=target: replay.adaptive(
                    table, Policy(target=target), truth=truth, gold_share=gold, seed=seed
                )
            )
            for target in TARGETS
        ],
    }


def chosen(others: list[dict], base: str) -> int:
    """Return the cheapest target whose mean accuracy on the other sets is not below the base's."""
    wanted = np.mean([row[base] for row in others])
    means = [np.mean([row["adaptive"][at][0] for row in others]) for at in range(len(TARGETS))]
    enough = [at for at, mean in enumerate(means) if mean >= wanted]
    return min(enough, default=len(TARGETS) - 1)


if __name__ == "__main__":
    main()
