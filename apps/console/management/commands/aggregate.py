"""Combine a file of judgments into labels; no database."""

import importlib
import os
import pkgutil
import time
from pathlib import Path
from typing import Any

from apps.aggregation import BadTable
from apps.console.commands import Command as Base
from apps.console.commands import CommandParser, Progress, check_least, refuse
from apps.console.judgments import engines, files, labels, summary
from apps.console.judgments.columns import BadFile
from apps.console.judgments.crowd import check_method, open_crowd
from apps.console.judgments.families import FAMILIES
from apps.console.judgments.families.base import amount

ENGINES = sorted(module.name for module in pkgutil.iter_modules(engines.__path__))
PATIENCE = 3.0  # seconds after which a bar is shown


def _methods() -> str:
    """Return the methods of each kind, its default first."""
    ordered = {
        name: sorted(family.methods, key=lambda method: method != family.default) for name, family in FAMILIES.items()
    }
    return "; ".join(f"{name}: {', '.join(names)}" for name, names in ordered.items()) + " (without it the first)"


class Command(Base):
    help = (
        "Combine judgments of many workers into one label for each task, with a confidence. Reads CSV, TSV, JSON Lines "
        "or Parquet with the columns task, worker, label (comparisons: task, worker, left, right, label). Needs no "
        "database."
    )
    expected = (BadFile, BadTable, OSError, engines.EngineFailed)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("judgments", type=Path, help="a file of judgments")
        parser.add_argument("--kind", choices=list(FAMILIES), help="what the labels are; told from them without it")
        parser.add_argument("--method", help=f"how to combine them: {_methods()}")
        parser.add_argument(
            "--gold",
            type=Path,
            help="a file with columns task, label (comparisons: left, right, too): how right are the labels?",
        )
        parser.add_argument(
            "--clamp",
            action="store_const",
            const=True,
            help="classes: the method is told --gold, whose tasks keep these labels; then it measures nothing",
        )
        parser.add_argument("--out", type=Path, help="where the labels go: a .csv, .tsv, .jsonl or .parquet")
        parser.add_argument("--docs", type=Path, help="spans: a file with columns task, n_tokens; docs.csv beside it")

        parser.add_argument(
            "--engine",
            choices=ENGINES,
            help="Dawid-Skene over several processes, of a Parquet file or a folder of them",
        )
        parser.add_argument("--processes", type=int, help="of the engine, on this machine; without it one a core")
        parser.add_argument("--scheduler", help="the address of a running cluster of the engine, instead")

    def run(self, judgments: Path, out: Path | None, **options: Any) -> None:
        if out:
            labels.check_name(out)
            if out.exists() and judgments.exists() and out.samefile(judgments):
                raise BadFile(f"--out {out} would overwrite the judgments themselves")
        if options["clamp"] and not options["gold"]:
            refuse("says that the method is told --gold, and none is given", clamp=True)
        if options["engine"]:
            self._spread(judgments, out, **options)
            return
        needs = f"is for --engine ({', '.join(ENGINES)}), and none is named"
        refuse(needs, processes=options["processes"], scheduler=options["scheduler"])
        started = time.perf_counter()
        crowd, why = open_crowd(judgments, kind=options["kind"], docs=options["docs"], gold=options["gold"])
        check_method(crowd, options["method"])
        gold = options["gold"] and files.read_gold(
            options["gold"], crowd.judgments, may_be_empty=crowd.may_be_empty, same=crowd.same
        )
        if gold and options["clamp"]:
            crowd.clamp(gold)
        read = time.perf_counter()
        bar = Progress(f"combining {crowd.name}", 1, patience=PATIENCE)
        outcome = crowd.aggregate(options["method"], bar.far)
        bar.finish()
        done = time.perf_counter()

        self._tell(f"{judgments.name}: {crowd.name}" + f" (guessed: {why})" * bool(why))
        bar = Progress(f"comparing {crowd.name}", 1, patience=PATIENCE)
        agreed = crowd.glance(bar.far)
        bar.finish()
        self._tell(*summary.of_judgments(crowd), *summary.of_figures(agreed), *summary.of_outcome(outcome))
        if gold and options["clamp"]:
            self._tell(summary.of_known(len(gold.task)))
        elif gold:
            self._tell(*summary.of_gold(gold, crowd.accuracy(outcome, gold), crowd.doubts(gold)))
        self._tell(*summary.of_notes(crowd.remarks))
        self._tell(summary.line("time", f"{read - started:.2f} s reading, {done - read:.2f} s {outcome.method}"))
        if out:
            labels.write(out, outcome.columns, crowd.label_type)
            self._tell(summary.line("written", f"{amount(len(outcome.confidence), 'label')} to {out}"))
        else:
            self._tell("", *summary.first_labels(outcome))

    def _spread(self, judgments: Path, out: Path | None, **options: Any) -> None:
        """Combine them over several processes."""
        if options["method"] not in (None, "dawid_skene") or options["kind"] not in (None, "categorical"):
            raise BadFile(f"--engine {options['engine']} does --method dawid_skene of --kind categorical, and no other")
        refuse(f"is not for --engine {options['engine']}", docs=options["docs"])
        if options["scheduler"]:
            refuse("is for this machine, and --scheduler names processes elsewhere", processes=options["processes"])
        processes = (os.cpu_count() or 1) if options["processes"] is None else options["processes"]
        check_least(1, processes=processes)
        engine = importlib.import_module(f"apps.console.judgments.engines.{options['engine']}")
        gold = options["gold"] and files.read_known(options["gold"])
        started = time.perf_counter()
        bar = Progress("dawid_skene", 1, patience=PATIENCE)
        found = engine.aggregate(
            judgments,
            processes=processes,
            scheduler=options["scheduler"],
            known=gold if options["clamp"] else None,
            progress=bar.far,
        )
        bar.finish()
        seconds = time.perf_counter() - started
        spread = f"{found.processes} process{'es' * (found.processes != 1)}"
        self._tell(f"{judgments.name}: categorical, by {options['engine']} on {spread}")
        self._tell(*summary.of_spread(found))
        if gold and options["clamp"]:
            self._tell(summary.of_known(found.known))
        elif gold:
            self._tell(*summary.of_known_answers(found.columns, *gold))
        self._tell(summary.line("time", f"{seconds:.2f} s in all"))
        if out:
            labels.write(out, found.columns, found.label_type)
            self._tell(summary.line("written", f"{len(found.columns['task']):,} labels to {out}"))

    def _tell(self, *lines: str) -> None:
        for line in lines:
            self.say(line)
