"""The soak of the market: the service in a process of its own, the lying wire before it, and enough kills."""

import argparse
import contextlib
import os
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

from django.test import override_settings

from apps.channels.mturk import channel
from apps.ledger import services as ledger
from apps.members.models import Membership, Organization, Role, User
from apps.payments import services as payments
from apps.turkapi.services import keys
from infra.house.doomed import doomed
from infra.house.lying import AFTER, BEFORE, Lying, Request, dice, lying
from infra.house.mortal import STRIKE, Service, mortal
from infra.house.servers import house
from infra.house.striking import Watch
from infra.soak import persons, real, scenes
from infra.soak.ledgers import CURRENCY, LIMIT
from infra.soak.market import MODULES, WATCHED, Siege
from infra.soak.telling import tell_lines, told

SCENES = (scenes.offer_and_pay, scenes.grow_and_stop, scenes.decide_about_lists, scenes.decide_about_losses)
SERVED = (scenes.offer_and_pay, scenes.grow_and_stop)  # those in which nobody does anything at the market by hand
FUNDS = 10_000_000  # cents
SHARE = 0.3  # of requests that something happens to
KILL, KILL_SERVICE = 0.85, 0.5  # of processes that are killed; of the service's that do something
SERVICE = Watch(
    ("apps/turkapi/", *(f"apps/{app}/services" for app in ("ledger", "payments", "quality", "work", "workforce"))),
    within=frozenset({"apps/turkapi/operations/__init__.py:carry_out", "apps/turkapi/views.py:_answer"}),
)
EFFECTS = (
    "CreateHIT", "CreateAdditionalAssignmentsForHIT", "UpdateExpirationForHIT", "DeleteHIT", "ApproveAssignment",
    "RejectAssignment", "SendBonus", "NotifyWorkers", "CreateQualificationType", "DeleteQualificationType",
    "AssociateQualificationWithWorker", "DisassociateQualificationFromWorker", "CreateWorkerBlock", "DeleteWorkerBlock",
)  # fmt: skip
FAULTS = (*BEFORE, *(name for name in AFTER if name != "too_late"))  # our channel waits longer than that
# What waits for a slower market is not asked for here: MTurk's own pace would make this last for hours.
RATE, FEES, SITE = [100_000, 100_000], [20, 20, 5, 20, 1], "https://labels.example.org"
FAST = {
    "LABELCROWD_MTURK_RATE": "100000,100000", "LABELCROWD_MARKET_LAG_SECONDS": "0", "LABELCROWD_URL": SITE,
    "LABELCROWD_MTURK_FEES": "20,20,5,20,1", "LABELCROWD_TURK_FEES": "20,20,5,20,1",
}  # fmt: skip


def run(asked: argparse.Namespace) -> int:
    """Run it; print what happened; return the exit status."""
    began = time.monotonic()
    with (
        house() as home,
        serving(asked.seed, share=SHARE) as (service, wire),
        besieged(wire, asked.seed) as siege,
    ):
        siege.kill = KILL
        while siege.killed.total() < asked.crashes:
            for scene in SCENES:
                scene(siege)
                print(f"\r{siege.killed.total()} kills", end="", flush=True)
        with real.served(siege, home, effects=EFFECTS) as killed:
            for scene in SERVED:
                scene(siege)
        found = list(siege.end())
        paid = siege.ledgers.paid
    print(f"\rkilled between intent and receipt: {siege.killed.total()} times ({told(siege.killed)})")
    print(f"killed of the service: {told({name: known.killed for name, known in service.known.items()})}")
    print(f"killed of the service as it is served: {killed.count} processes")
    tell_lines("of steps and decisions between intent and receipt", siege.killer.known)
    tell_lines("of the service's operations", service.known)
    print(f"on the wire: {told(wire.happened)}")
    print(f"{len(paid)} payments of {sum(paid)} cents, in {time.monotonic() - began:.0f} s")
    for sentence in found:
        print(f"BROKEN: {sentence}")
    print("a promise was broken" if found else "nothing was made or paid twice; both ledgers say the same to the cent")
    return 1 if found else 0


@contextlib.contextmanager
def serving(
    seed: int, *, share: float, at: str = "127.0.0.1", watch: Watch = SERVICE
) -> Iterator[tuple[Service, Lying]]:
    """Start the service, which is killed in some of the requests that do something, and the lying wire before it."""
    thrown = random.Random(seed)

    def strikes(request: Request) -> Iterable[tuple[str, str]]:
        if request.asks(*EFFECTS):
            yield STRIKE, str(thrown.random() if thrown.random() < KILL_SERVICE else -1)

    with (
        mortal(watch, environment=FAST) as service,  # its fees are what the channel expects
        lying("127.0.0.1", service.port, faults=dice(seed, share=share, names=FAULTS), at=at) as wire,
    ):
        wire.added = strikes
        yield service, wire


@contextlib.contextmanager
def besieged(wire: Lying, seed: int, *, watch: Watch = WATCHED, kind: type[Siege] = Siege) -> Iterator[Any]:
    """Make both organizations and what asks between them, over this wire."""
    asking = Organization.objects.create(name="Asking", slug="asking")
    requester = Organization.objects.create(name="Market", slug="market")
    user = User.objects.create_user("requester@market.example.org", name="Requester")
    Membership.objects.create(organization=requester, user=user, role=Role.REQUESTER)
    finance, second = (User.objects.create_user(email, name="Finance") for email in (persons.FINANCE, persons.SECOND))
    for one in (finance, second):
        Membership.objects.create(organization=asking, user=one, role=Role.FINANCE)
    payments.set_policy(asking, currency=CURRENCY, by=second, second_person_from=LIMIT)
    for of in (asking, requester):
        ledger.deposit(of, amount=FUNDS, currency=CURRENCY, reference="soak")
    key, secret = keys.make(requester, user=user)
    environment = FAST | {
        "AWS_ENDPOINT_URL_MTURK": f"{wire.address}/mturk/",
        "AWS_ACCESS_KEY_ID": key.pk, "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    os.environ |= environment
    channel.channel.cache_clear()
    same = override_settings(
        MTURK_RATE=RATE, MTURK_FEES=FEES, TURK_FEES=FEES, MARKET_LAG_SECONDS=0, PUBLIC_URL=SITE,
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    )  # fmt: skip
    with same, doomed(watch, modules=MODULES, environment=environment) as killer:
        yield kind(asking, requester, finance, killer, random.Random(seed), wire)
    channel.channel.cache_clear()
