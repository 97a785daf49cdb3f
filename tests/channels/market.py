"""A campaign on a market, and the market: our own service, asked by boto3 as its own chain finds it.

The organization that offers the campaign and the requester at the market are two, with books of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import botocore.loaders
import botocore.session
import pytest
from django.test import Client

from apps.campaigns.models import Campaign
from apps.channels.models import Claim, Grant, Intent, Publication, Reconciliation
from apps.channels.mturk import channel
from apps.kinds import of
from apps.ledger import queries as books
from apps.ledger import services as ledger
from apps.members.models import User
from apps.pipeline import flow, telling
from apps.turkapi.models import Hit
from apps.turkapi.services import keys
from apps.work import services as work
from apps.work.models import Assignment
from apps.workbench.views import frames
from apps.workforce.models import Worker
from tests import belt
from tests.factories import number
from tests.running import affordable
from tests.turkapi import over_boto3

SITE = "https://testserver"
HOST = "http://testserver"
MODELS = botocore.loaders.create_loader()


@dataclass
class Market:
    """The market's side: its requester, whose account is asked, and its workers."""

    user: User

    @property
    def organization(self) -> Any:
        return over_boto3.organization_of(self.user)

    def worker(self) -> Worker:
        return over_boto3.worker_of(self.user)

    def name(self, worker: Worker) -> str:
        return over_boto3.worker_id(worker)

    def reopen(self) -> None:
        """Have the channel read its settings anew."""
        channel.channel.cache_clear()

    def deposit(self, cents: int) -> None:
        ledger.deposit(self.organization, amount=cents, currency="USD", reference=f"given {number()}")

    def leave(self, cents: int) -> None:
        """Leave so much in the account, and take the rest out."""
        has = books.balance(self.organization, kind="funds", currency="USD")
        ledger.refund(self.organization, amount=has - cents, currency="USD", reference=f"out {number()}", by=self.user)

    def client(self) -> Any:
        return channel.channel().calls.client

    def approve(self, frame: "Frame", **more: Any) -> None:
        """Approve an assignment, as the market's own default or its website would."""
        self.client().approve_assignment(AssignmentId=frame.assignment, **more)

    def bonus(self, frame: "Frame", amount: str) -> None:
        self.client().send_bonus(
            WorkerId=self.name(frame.worker), AssignmentId=frame.assignment, BonusAmount=amount, Reason="By hand"
        )

    def qualifications(self, worker: Worker) -> set[str]:
        return set(worker.qualifications.values_list("name", flat=True))

    def hits(self) -> list[Hit]:
        return list(Hit.objects.filter(type__organization=self.organization).order_by("created_at"))


@pytest.fixture
def market(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """Return a market that boto3's own chain leads to, without fees."""
    user = over_boto3.requester(funds=100_000)
    key, secret = keys.make(over_boto3.organization_of(user), user=user)
    for name, value in {
        "AWS_ENDPOINT_URL_MTURK": f"{HOST}/mturk/", "AWS_ACCESS_KEY_ID": key.pk, "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.MTURK_FEES = [0, 0, 0, 0, 0]
    settings.MTURK_RATE = [100_000, 100_000]
    settings.MARKET_LAG_SECONDS = 0
    settings.MARKET_ORIGINS = [HOST]
    settings.PUBLIC_URL = SITE
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())
    channel.channel.cache_clear()
    yield Market(user)
    channel.channel.cache_clear()


def session() -> boto3.Session:
    """Return a session that looks for credentials anew, whose requests go to the site; the models are read once."""
    found = botocore.session.Session()
    found.register_component("data_loader", MODELS)
    found.register("before-send.mturk", over_boto3.send)
    return boto3.Session(botocore_session=found)


def offered(**values: Any) -> Campaign:
    """Return a draft that is to be offered on the market, with its money; `values` as in `draft`."""
    return affordable(**{"channel": "mturk", "page_size": 2, "redundancy": 2, "items": 4, **values})


@dataclass
class Frame:
    """A slot that a worker accepted at the market, and our page in the market's frame."""

    worker: Worker
    held: Assignment
    address: str

    @property
    def assignment(self) -> str:
        return self.held.pk.hex.upper()

    def get(self) -> Any:
        return Client().get(self.address)

    def claim(self) -> Claim:
        return Claim.objects.get(assignment=self.assignment, worker__external_id=over_boto3.worker_id(self.worker))

    def answers(self, answer: Any = "cat") -> dict[str, str]:
        """Return an answer for each question of the page; `answer` may be a function of its place."""
        page = self.claim().page
        assert page is not None
        places = page.places.filter(state="open").select_related("task__item")
        return {place.token.hex: answer(place) if callable(answer) else answer for place in places}

    def save(self, answer: Any = "cat") -> Any:
        """Hand the questions in here."""
        import json

        given = {token: {"answer": value} for token, value in self.answers(answer).items()}
        return Client().post(self.address, {"given": json.dumps(given)})

    def submit(self, fields: dict[str, str]) -> Any:
        """Hand in at the market what our last page's form holds."""
        return over_boto3.hand_over(self.held, fields)

    def finish(self) -> Any:
        """Hand in a page without questions, here and then there."""
        opened = self.get()
        text = opened.content.decode()
        return self.submit(form_of(opened if 'id="over"' in text else Client().post(self.address, {"given": "{}"})))

    def work(self, answer: Any = "cat") -> Any:
        """Open the page, answer, hand in here and then there."""
        opened = self.get()
        assert opened.status_code == 200, opened.content.decode()
        return self.submit(form_of(self.save(answer)))


def accept(
    market: Market, worker: Worker | None = None, *, hit: Hit | None = None, beside: Frame | None = None
) -> Frame:
    """Accept a slot at the market, `beside` one that is kept, and find the address that its frame loads."""
    worker = worker or market.worker()
    after = beside.held.pk if beside else None
    held = work.lease((hit or market.hits()[0]).type.campaign, worker=worker, after=after)
    kind = of(held.campaign.kind)
    item = held.places.get().task.item
    url = kind.frame(item.data).url
    address = frames.with_parameters(
        url,
        {
            "assignmentId": held.pk.hex.upper(), "hitId": item.external_id, "workerId": over_boto3.worker_id(worker),
            "turkSubmitTo": HOST,
        },
    )  # fmt: skip
    parts = urlsplit(address)
    return Frame(worker, held, f"{parts.path}?{parts.query}")


def form_of(answer: Any) -> dict[str, str]:
    """Return the hidden fields of the page that leads on to the market."""
    import html
    import re

    text = answer.content.decode()
    assert 'id="over"' in text, text
    return {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', text)
    }


def query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def launched(**values: Any) -> Campaign:
    """Return a campaign that runs, and whose slots the market offers; `values` as in `draft`."""
    campaign = offered(**values)
    flow.launch(campaign)
    belt.run()
    campaign.refresh_from_db()
    return campaign


def worked(market: Market, worker: Worker | None = None, answer: Any = "cat") -> Frame:
    """Return a slot that a worker took, worked on and handed in, here and there; the belt has seen to it."""
    frame = accept(market, worker)
    frame.work(answer)
    looked_at()
    return frame


def looked_at() -> None:
    """Let the time come at which each row is looked at, and the belt do so."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    for model in (Publication, Claim, Intent, Grant, Reconciliation):
        model.objects.update(due_at=long_ago)
    belt.run()


def mails_go_out() -> None:
    """Send the mails that were written down, and do nothing else."""
    for each in list(telling.MAIL.ask()):
        belt.follow(each)


def handed_in_at(market: Market) -> str:
    """Return the market's name for a slot that one of its workers handed in."""
    return over_boto3.handed_in(market.worker())
