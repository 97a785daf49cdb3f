"""Buy a real crowd's answers again under a redundancy policy; no database."""

from pathlib import Path
from typing import Any

import numpy as np

from apps.aggregation import BadTable
from apps.aggregation.online import CONTROL_SHARE, Policy
from apps.aggregation.table import UNKNOWN
from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, Progress, check_least, refuse
from apps.console.judgments import files, replays, summary
from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import open_crowd
from apps.console.judgments.families.base import amount
from apps.console.judgments.families.categorical import Categorical

K = 5
NO_TARGET = "fixed redundancy has no target: {:g} changes nothing"
PATIENCE = 3.0  # seconds after which a bar is shown


class Command(Base):
    help = (
        "Replay a real crowd under a redundancy policy: its answers to each task come in a random order, and are paid "
        "for only when the policy asks. Prints judgments used, control questions included, and accuracy, beside "
        "fixed redundancy. Needs no database."
    )
    expected = (BadFile, BadTable, OSError)

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Policy()
        parser.add_argument("judgments", type=Path, help="a file of judgments, as aggregate reads it")
        parser.add_argument(
            "--kind", choices=[Categorical.name], help="take the labels for classes, whatever they seem"
        )
        parser.add_argument("--gold", type=Path, required=True, help="a file with columns task, label")
        parser.add_argument(
            "--policy",
            choices=["fixed", "adaptive"],
            default="adaptive",
            help="how answers are asked for (%(default)s)",
        )
        parser.add_argument("--target", type=float, help=f"adaptive: confidence that is enough ({usual.target:g})")
        parser.add_argument("--seeds", type=int, default=10, help="random orders to average over (%(default)s)")
        parser.add_argument(
            "--k", type=int, help=f"answers a task of fixed redundancy, which adaptive is compared with ({K})"
        )
        parser.add_argument("--least", type=int, help=f"adaptive: answers before confidence counts ({usual.least})")
        parser.add_argument("--most", type=int, help=f"adaptive: answers a task gets at most ({usual.most})")
        parser.add_argument(
            "--control",
            type=float,
            help=f"adaptive: share of paid answers to control questions ({CONTROL_SHARE:g})",
        )

    def run(self, judgments: Path, seeds: int, k: int | None, **options: Any) -> None:
        check_least(1, seeds=seeds, k=K if k is None else k)
        given = {name: options[name] for name in ("target", "least", "most", "control")}
        notes: list[str] = []
        if options["policy"] == "fixed":
            refuse("is for --policy adaptive, and this is fixed", **{**given, "target": None})
            notes = [NO_TARGET.format(given["target"])] if given["target"] is not None else []
        control = CONTROL_SHARE if given["control"] is None else given["control"]
        policy = self._policy(control, {name: given[name] for name in ("target", "least", "most")})
        crowd, why = open_crowd(judgments, kind=options["kind"], gold=options["gold"])
        if not isinstance(crowd, Categorical):
            told = f"{judgments.name}: the labels are {crowd.name} (guessed: {why})"
            raise CommandError(f"{told}; only classes can be replayed: --kind categorical if they are")
        if crowd.table.n_labels == 1:
            raise CommandError(f"{judgments.name}: all labels are {crowd.names[0]}, so there is nothing to replay")
        gold = files.read_gold(options["gold"], crowd.judgments, same=crowd.same)
        truth = np.full(crowd.table.n_tasks, UNKNOWN)
        truth[gold.task] = crowd.truth(gold)[0]

        most, usual = int(crowd.table.votes.max()), replays.available(crowd.table)
        if k is not None and k > most:
            raise CommandError(f"--k is {k}, and no task of {judgments.name} has more than {amount(most, 'answer')}")
        left_out = []
        if options["policy"] == "fixed":
            plans = replays.fixed(crowd.table, k or min(K, usual))
        else:
            asked = {k or min(K, usual), policy.most}
            left_out = [one for one in asked if one != k and one > usual]
            plans = replays.adaptive(crowd.table, truth, policy, control=control, ks=sorted(asked - {*left_out}))
        bar = Progress("seeds", seeds, patience=PATIENCE)
        for done in replays.run(plans, crowd.table, truth, seeds):
            bar.at(done)
        bar.end()
        self.say(f"{judgments.name}: {seeds} random orders of its answers")
        for line in summary.of_judgments(crowd):
            self.say(line)
        without = [summary.line("left out", f"fixed k={one}: {self._there(usual, most)}") for one in left_out]
        for line in (*summary.of_notes([*crowd.doubts(gold), *notes]), *without, "", *replays.lines(plans)):
            self.say(line)

    @staticmethod
    def _there(usual: int, most: int) -> str:
        if usual == most:
            return f"no task has more than {amount(most, 'answer')}"
        return f"half of the tasks have {amount(usual, 'answer')} or fewer, and none more than {most}"

    @staticmethod
    def _policy(control: float, given: dict[str, Any]) -> Policy:
        if not 0 <= control < 1:
            raise CommandError(f"--control is {control:g}, it should be at least 0 and below 1")
        usual = Policy()
        least, most = (getattr(usual, name) if given[name] is None else given[name] for name in ("least", "most"))
        if not 1 <= least <= most:
            raise CommandError(f"--least is {least} and --most is {most}, it should be 1 <= --least <= --most")
        try:
            return Policy(**{name: value for name, value in given.items() if value is not None})
        except ValueError as error:
            raise CommandError(f"--{error}") from None
