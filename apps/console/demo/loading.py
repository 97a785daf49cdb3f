"""Loads the demo's organization, people, datasets and campaigns; what is there already stays as it is."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.campaigns import services as campaigns
from apps.campaigns import spec
from apps.campaigns.models import Campaign
from apps.console.demo import data
from apps.datasets import services as datasets
from apps.datasets.models import Dataset
from apps.ledger import services as ledger
from apps.members import services as members
from apps.members.models import Organization, Role, User
from apps.pipeline import flow
from apps.workforce import services as workforce

HERE = Path(__file__).parent
OUT = settings.VAR / "demo"
DEPOSIT = 100_000  # 1,000.00 USD, which the demo's campaigns have as their budgets
TO_TRY = 25_000  # and what is left for a campaign of one's own


@dataclass(frozen=True)
class Part:
    """One campaign of the demo: its file, its rows, and how many of them serve as gold."""

    file: str
    rows: Callable[[], Iterator[data.Row]]
    golds: int = 0


PARTS = (Part("digits.yaml", data.digits, 100), Part("words.yaml", data.words), Part("messages.yaml", data.messages, 6))
YOUR_TURN = Part("your_turn.yaml", data.digits, 100)


@dataclass(frozen=True)
class LogIn:
    """Who may log in, and how."""

    role: str
    email: str
    password: str


def load() -> tuple[Organization, list[LogIn]]:
    """Load all of it; return the organization and its people's log-ins. Run twice, it loads once."""
    organization = members.found("Demo", slug="demo")
    ledger.deposit(organization, amount=DEPOSIT, currency="USD", reference="demo")
    ledger.deposit(organization, amount=TO_TRY, currency="USD", reference="demo, for a campaign of your own")
    log_ins = _people(organization)
    for part in (*PARTS, YOUR_TURN):
        campaign = _campaign(organization, part)
        if campaign.state == Campaign.State.DRAFT:
            flow.launch(campaign)
    return organization, log_ins


def campaign_of(part: Part) -> Campaign:
    """Return the campaign that was loaded from a part."""
    return Campaign.objects.select_related("organization", "dataset").get(
        organization__slug="demo", name=spec.from_yaml((HERE / part.file).read_text()).name
    )


def _people(organization: Organization) -> list[LogIn]:
    """Make the demo's people, with passwords made here and kept for the next run, readable by the owner alone."""
    kept = OUT / "log-ins.json"
    passwords = json.loads(kept.read_text()) if kept.exists() else {}
    log_ins = []
    for role in ("requester", "worker", "finance"):
        email = f"{role}@demo.example"
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=role.title())
        if role not in passwords or not user.check_password(passwords[role]):
            passwords[role] = secrets.token_urlsafe(9)
            user.set_password(passwords[role])
            user.save(update_fields=["password"])
        if role == "worker":
            called = workforce.pseudonym(organization, user)
            workforce.register(organization, external_id=called, user=user, name=user.name, languages=["en"])
        else:
            members.enrol(user, organization=organization, role=Role(role))
        log_ins.append(LogIn(role, email, passwords[role]))
    OUT.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(passwords))
    return log_ins


def _campaign(organization: Organization, part: Part) -> Campaign:
    written = spec.from_yaml((HERE / part.file).read_text())
    campaign = Campaign.objects.filter(organization=organization, name=written.name).first()
    if campaign is not None:
        return campaign
    rows = list(part.rows())
    _dataset(organization, written.dataset, rows)
    # Every so many-th row, so that gold is spread over the dataset as the classes are.
    step = len(rows) // part.golds if part.golds else len(rows) + 1
    golds = [spec.Gold(row.external_id, [row.truth]) for row in rows[step - 1 :: step][: part.golds]]
    with transaction.atomic():  # a run that is killed leaves no campaign without its gold
        made = campaigns.create(organization, spec=written)
        campaigns.add_gold(made, rows=golds)
    return made


def _dataset(organization: Organization, name: str, rows: list[data.Row]) -> Dataset:
    """Import the rows as a requester would: a folder of pictures with a manifest, or a file of JSON lines."""
    dataset = datasets.open_dataset(organization, name=name)
    if dataset.items.count() == len(rows):
        return dataset
    folder = OUT / "import" / name.lower().replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    lines = folder / "items.jsonl"
    lines.write_text(
        "".join(json.dumps({"external_id": row.external_id, **row.data}, ensure_ascii=False) + "\n" for row in rows)
    )
    for row in rows:
        if row.picture:
            (folder / row.data["image"]["media"]).write_bytes(row.picture)
    path = folder if rows[0].picture else lines
    imported = datasets.run_import(datasets.start_import(dataset, path=path).pk)
    if imported.rows_bad or imported.rows_added + imported.rows_known != len(rows):
        raise RuntimeError(f"{name}: {imported.rows_added} of {len(rows)} rows came in, {imported.rows_bad} were bad")
    return dataset
