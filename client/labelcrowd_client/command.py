"""The command `labelcrowd`: a whole campaign from a shell.

labelcrowd import Pictures pictures.zip
labelcrowd create animals.yaml
labelcrowd launch Animals
labelcrowd watch Animals
labelcrowd export Animals --format csv --out labels.csv
"""

import argparse
import json
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from labelcrowd_client.bar import Bar
from labelcrowd_client.client import Client, Failed, Refused, name_of, type_of

ENDED = ("completed", "stopped")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code: 0, 1 where the answer was no, 130 when interrupted."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        with Client(given.url, given.token) as client:
            given.run(client, given)
    except (Refused, Failed, OSError) as error:
        sys.stderr.write(f"labelcrowd: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def who(client: Client, given: argparse.Namespace) -> None:
    me = client.get("me")
    whose = f"member {me['user']}" if me["user"] else f"worker {me['worker']}"
    _say(f"{whose} of {me['organization']}: {', '.join(me['roles']) or 'no role'}; may {', '.join(me['scopes'])}")


def bring_in(client: Client, given: argparse.Namespace) -> None:
    type_of(Path(given.file))  # before a dataset is made for it
    dataset = client.dataset(given.dataset)
    operation = client.add_items(dataset["id"], given.file, media_columns=given.media_columns)
    with Bar(f"import {Path(given.file).name}, bytes") as bar:
        rows = client.wait(operation, progress=bar.at, every=given.every)["result"]
    _say(f"{rows['rows_added']:,} items added, {rows['rows_known']:,} known before, {rows['rows_bad']:,} refused")
    if rows["rows_bad"]:
        for row in client.get(f"imports/{rows['import']}/bad-rows", limit=10)["results"]:
            _say(f"  line {row['line']}: {row['reason']}")


def create(client: Client, given: argparse.Namespace) -> None:
    try:
        spec = yaml.safe_load(Path(given.file).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Failed(f"{given.file} can't be read: {error}") from error
    if not isinstance(spec, dict):
        raise Failed(f"{given.file} is no campaign: it should name fields and values, as in 'name: Animals'")
    campaign = client.post("campaigns", spec)
    _say(f"{campaign['name']} is a draft: {campaign['id']}")


def check(client: Client, given: argparse.Namespace) -> None:
    found = client.get(f"campaigns/{client.campaign(given.campaign)['id']}/check")
    for finding in found["findings"]:
        _say(f"{finding['severity']}: {finding['sentence']}")
    _say(f"{found['items']:,} items, at most {found['places']:,} places; {'ready' if found['ready'] else 'not ready'}")
    if not found["ready"]:
        raise Failed("the campaign can't be launched yet")


def launch(client: Client, given: argparse.Namespace) -> None:
    campaign = client.campaign(given.campaign)
    operation = client.post(f"campaigns/{campaign['id']}/launch")
    with Bar(f"launch {campaign['name']}") as bar:
        client.wait(operation, progress=bar.at, every=given.every)
    _say(f"{campaign['name']} is open")


def move(client: Client, given: argparse.Namespace) -> None:
    campaign = client.post(f"campaigns/{client.campaign(given.campaign)['id']}/{given.verb}")
    _say(f"{campaign['name']} is {campaign['state']}")


def status(client: Client, given: argparse.Namespace) -> None:
    print(json.dumps(client.get(f"campaigns/{client.campaign(given.campaign)['id']}/progress"), indent=2))  # noqa: T201


def show_all(client: Client, given: argparse.Namespace) -> None:
    for campaign in client.list("campaigns"):
        print(f"{campaign['id']}  {campaign['state']:<10} {campaign['name']}")  # noqa: T201


def top_up(client: Client, given: argparse.Namespace) -> None:
    campaign = client.campaign(given.campaign)
    asked = {"amount": given.amount, "reference": given.reference or str(uuid.uuid4())}
    client.post(f"campaigns/{campaign['id']}/top-up", asked)
    _say(f"{given.amount} {campaign['currency']} were added to the budget of {campaign['name']}")


def watch(client: Client, given: argparse.Namespace) -> None:
    campaign = client.campaign(given.campaign)
    with Bar(campaign["name"]) as bar:
        while True:
            now = client.get(f"campaigns/{campaign['id']}/progress")
            note = f"{now['labels']:,} labels, {now['workers_active']:,} at work"
            if now["state"] != "running":
                note += f", {now['state']}"
            bar.at(now["judgments_made"], now["judgments_wanted"], note)
            if now["state"] in ENDED:
                break
            _check_launched(client, campaign, now["state"])
            time.sleep(given.every)
    _say(f"{campaign['name']} is {now['state']}: {now['labels']:,} labels of {now['items']:,} items")


def _check_launched(client: Client, campaign: Mapping[str, Any], state: str) -> None:
    """Raise `Failed` with the reason where a campaign is not open and nothing opens it, so that nobody waits for it."""
    if state not in ("draft", "launching"):
        return
    try:
        launches = list(client.list("operations", verb="launch", subject=f"campaign:{campaign['id']}"))
    except Refused:
        launches = []  # only who may launch may see how that went
    if launches and all(each["state"] == "failed" for each in launches):
        raise Failed(f"{campaign['name']} was not opened: {launches[0]['problem']}")
    if state == "draft":
        raise Failed(f"{campaign['name']} is a draft, and nobody works on it: `labelcrowd launch` begins it")


def export(client: Client, given: argparse.Namespace) -> None:
    campaign = client.campaign(given.campaign)
    choices = {"format": given.format, "with_gold": given.with_gold, "with_votes": given.with_votes}
    operation = client.post(f"campaigns/{campaign['id']}/exports", choices)
    with Bar(f"export {campaign['name']}") as bar:
        done = client.wait(operation, progress=bar.at, every=given.every)
    path = client.fetch(done, given.out or name_of(done))
    labels = client.get(f"campaigns/{campaign['id']}/progress")["labels"]
    rows = f"{done['result']['rows']:,} rows"
    told = rows if labels else f"{rows} without a label, as the campaign has none yet,"
    _say(f"{told} in {path}, SHA-256 {done['result']['sha256']}")


def remove(client: Client, given: argparse.Namespace) -> None:
    found = next(client.list("datasets", name=given.dataset), None)
    if found is None:
        raise Failed(f"there is no dataset {given.dataset!r}")
    operation = client.delete(f"datasets/{found['id']}")
    if operation:
        with Bar(f"remove {found['name']}, files") as bar:
            client.wait(operation, progress=bar.at, every=given.every)
    _say(f"{found['name']} is removed")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="labelcrowd", description="A whole campaign from a shell.")
    parser.add_argument("--url", default="", help="the site (LABELCROWD_URL, or http://127.0.0.1:8000)")
    parser.add_argument("--token", default="", help="better in LABELCROWD_TOKEN, where no list of processes shows it")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two looks at what goes on")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, run: Any, text: str, *positional: str, **preset: Any) -> argparse.ArgumentParser:
        found = verbs.add_parser(name, help=text, description=text)
        for each in positional:
            found.add_argument(each)
        found.set_defaults(run=run, **preset)
        return found

    verb("me", who, "Tell who the token is.")
    verb("list", show_all, "List campaigns: id, state and name.")
    verb("import", bring_in, "Bring a file of rows into a dataset, made if it is new.", "dataset", "file").add_argument(
        "--media-columns", default="", help="columns whose values are names of media, with commas between them"
    )
    verb("create", create, "Make a campaign, a draft, from its YAML file.", "file")
    verb("check", check, "Tell what stands against a launch.", "campaign")
    verb("launch", launch, "Fund and launch a draft, and wait until it is open.", "campaign")
    for name, text in (("pause", "Hand out no new pages."), ("resume", "Hand out pages again."), ("stop", "End it.")):
        verb(name, move, text, "campaign", verb=name)
    verb("top-up", top_up, "Add to a launched campaign's budget, as in 25.00.", "campaign", "amount").add_argument(
        "--reference", default="", help="once for each: the same again adds nothing"
    )
    verb("status", status, "Print how far a campaign is, as JSON.", "campaign")
    verb("watch", watch, "Show how far a campaign is until it has ended.", "campaign")
    writes = verb("export", export, "Write a campaign's labels to a file.", "campaign")
    writes.add_argument("--format", default="jsonl")
    writes.add_argument("--out", default="", help="named for the campaign if left out")
    writes.add_argument("--with-gold", action="store_true")
    writes.add_argument("--with-votes", action="store_true")
    verb("remove", remove, "Remove a dataset that no campaign uses, with its items and media.", "dataset")
    return parser


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
