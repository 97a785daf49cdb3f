"""Campaigns from the shell."""

import json
from pathlib import Path
from typing import Any

import yaml

from apps.campaigns import label_studio, services, spec
from apps.campaigns.models import Campaign
from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser, campaign, organization, text_of
from apps.core import money
from apps.core.states import IllegalMove
from apps.kinds.label_studio import BadConfig
from apps.ledger.services import BadReference, NotEnoughMoney, OtherEntry
from apps.pipeline import flow, preflight
from apps.reports.progress import progress


class Command(Base):
    help = "Create a campaign from a YAML file, and run it."
    expected = (IllegalMove, NotEnoughMoney, OtherEntry, BadReference, money.BadAmount)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "verb",
            choices=["create", "check", "launch", "pause", "resume", "stop", "status", "clone", "export", "top-up"],
        )
        parser.add_argument(
            "file_or_id",
            help="a YAML file or a Label Studio configuration (.xml) to create from; else a campaign's id or name",
        )
        parser.add_argument("--organization", help="short name; needed where there are several")
        parser.add_argument("--name", help="clone, create from .xml: the new campaign's name")
        parser.add_argument("--dataset", help="create from .xml: the name of the dataset that it is asked about")
        parser.add_argument("--channel", help="clone: where the new campaign is offered, as in 'simulated'")
        parser.add_argument("--json", action="store_true", help="export: JSON, which `create` reads as it reads YAML")
        parser.add_argument("--amount", help="top-up: how much, as in 50.00")
        parser.add_argument("--reference", help="top-up: what names it; the same again adds nothing")

    def run(self, verb: str, file_or_id: str, **options: Any) -> None:
        if verb == "create":
            self._create(file_or_id, options)
            return
        of = self._find(file_or_id)
        getattr(self, f"_{verb.replace('-', '_')}")(of, options)

    def _create(self, file: str, options: dict[str, Any]) -> None:
        try:
            of = organization(options["organization"])
            made = services.create(of, spec=self._read(file, options))
        except (spec.BadSpec, BadConfig) as error:
            raise CommandError(
                f"{file} can't become a campaign:\n" + "\n".join(f"- {p}" for p in error.problems)
            ) from None
        self.say(f"{made.pk}  {made.name}  {made.state}")

    def _read(self, file: str, options: dict[str, Any]) -> spec.Spec:
        if not file.endswith(".xml"):
            return spec.from_yaml(text_of(file))
        if not options["dataset"]:
            raise CommandError(f"{file} says what is asked and not about what: name a dataset with --dataset")
        name = options["name"] or Path(file).stem
        return spec.read(label_studio.spec_of(text_of(file), name=name, dataset=options["dataset"]))

    def _check(self, of: Campaign, options: dict[str, Any]) -> None:
        found = preflight.outlook(of)
        size = found.size
        worst = money.show(size.worst_cost, of.currency)
        if size.fees:
            rewards, fees = (money.show(amount, of.currency) for amount in (size.rewards, size.fees))
            worst += f": {rewards} for workers, {fees} for the market"
        out = f" ({size.left_out:,} more are not asked, without a suggestion to show)" if size.left_out else ""
        self.say(f"{size.items:,} items{out}, {size.golds:,} of them gold; {size.places:,} places, at most {worst}")
        for finding in found.findings:
            self.say(f"{'✗' if finding.severity == 'block' else '·'} {finding.sentence}")

    def _launch(self, of: Campaign, options: dict[str, Any]) -> None:
        try:
            self._tell(flow.launch(of))
        except preflight.NotReady as error:
            raise CommandError(
                f"{of.name!r} can't be launched:\n" + "\n".join(f"- {found.sentence}" for found in error.findings)
            ) from None

    def _pause(self, of: Campaign, options: dict[str, Any]) -> None:
        self._tell(flow.pause(of))

    def _resume(self, of: Campaign, options: dict[str, Any]) -> None:
        self._tell(flow.resume(of))

    def _stop(self, of: Campaign, options: dict[str, Any]) -> None:
        self._tell(flow.stop(of))

    def _top_up(self, of: Campaign, options: dict[str, Any]) -> None:
        if not options["amount"] or not options["reference"]:
            raise CommandError("top-up needs --amount and --reference")
        amount = money.to_minor(options["amount"], of.currency)
        self._tell(flow.top_up(of, amount=amount, reference=options["reference"]))

    def _clone(self, of: Campaign, options: dict[str, Any]) -> None:
        changes = {"channel": options["channel"]} if options["channel"] else {}
        try:
            self._tell(services.clone(of, name=options["name"] or f"{of.name} (copy)", **changes))
        except spec.BadSpec as error:
            raise CommandError("\n".join(error.problems)) from None

    def _export(self, of: Campaign, options: dict[str, Any]) -> None:
        if options["json"]:
            self.say(json.dumps(spec.written(of), indent=2, ensure_ascii=False))
        else:
            self.say(spec.to_yaml(of).rstrip())

    def _status(self, of: Campaign, options: dict[str, Any]) -> None:
        self._tell(of)
        now = progress(of)
        self.say(
            f"judgments {now.judgments_made:,} of {now.judgments_wanted:,}, labels {now.labels:,} of {now.items:,}"
        )
        self.say(f"spent {money.show(now.spent, of.currency)} of {money.show(of.budget, of.currency)}")

    def _tell(self, of: Campaign) -> None:
        self.say(f"{of.pk}  {of.name}  {of.state}")

    def _find(self, text: str) -> Campaign:
        if Path(text).is_file():
            return campaign(self._name_in(text))
        return campaign(text)

    def _name_in(self, file: str) -> str:
        try:
            written = yaml.safe_load(text_of(file))
        except yaml.YAMLError as error:
            raise CommandError(f"{file} is not YAML: {getattr(error, 'problem', error)}") from None
        if not isinstance(written, dict) or not written.get("name"):
            raise CommandError(f"{file} names no campaign: it should have a field 'name'")
        return str(written["name"])
