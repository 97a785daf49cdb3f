"""The soak of the market: the service in a process of its own, the lying wire before it, and enough kills."""

import argparse
import contextlib
import os
import random
import time
from collections.abc import Iterator

from django.test import override_settings

from apps.channels.mturk import channel
from apps.ledger import services as ledger
from apps.members.models import Membership, Organization, Role, User
from apps.payments import services as payments
from apps.turkapi.services import keys
from infra.house.doomed import doomed
from infra.house.lying import Lying, dice, lying
from infra.house.servers import house
from infra.soak import persons
from infra.soak.ledgers import CURRENCY, LIMIT
from infra.soak.market import MODULES, WATCHED, Siege

FUNDS = 10_000_000  # cents
SHARE = 0.3  # of requests that something happens to
KILL = 0.85  # of processes that are killed
# What waits for a slower market is not asked for here: MTurk's own pace would make this last for hours.
RATE, FEES, SITE = [100_000, 100_000], [20, 20, 5, 20, 1], "https://labels.example.org"
FAST = {
    "LABELCROWD_MTURK_RATE": "100000,100000", "LABELCROWD_MARKET_LAG_SECONDS": "0", "LABELCROWD_URL": SITE,
    "LABELCROWD_MTURK_FEES": "20,20,5,20,1", "LABELCROWD_TURK_FEES": "20,20,5,20,1",
}  # fmt: skip


def run(asked: argparse.Namespace) -> int:
    """Run it; print what happened; return the exit status."""
    began = time.monotonic()
    os.environ |= FAST  # the service's fees are what the channel expects
    with house() as home:
        home.start("web")
        home.wait_until_ready()
        address = home.addresses[0]
        faults = dice(asked.seed, share=SHARE)
        with (
            lying("127.0.0.1", int(address.rpartition(":")[2]), faults=faults) as wire,
            besieged(wire, asked.seed) as siege,
        ):
            while siege.killed.total() < asked.crashes:
                siege.offer_and_pay(kill=KILL)
                siege.decide_and_pay(kill=KILL)
                print(f"\r{siege.killed.total()} kills", end="", flush=True)
            wire.faults = lambda: "fine"
            siege.go_on(kill=0)
            found, paid = list(siege.broken()), siege.ledgers.paid
    print(f"\rkilled between intent and receipt: {siege.killed.total()} times ({_told(siege.killed)})")
    print(f"at {len(siege.struck)} different lines of theirs, of {siege.lines.total()} that they ran through at most")
    print(f"on the wire: {_told(wire.happened)}")
    print(f"{len(paid)} payments of {sum(paid)} cents, in {time.monotonic() - began:.0f} s")
    for sentence in found:
        print(f"BROKEN: {sentence}")
    print("a promise was broken" if found else "nothing was made or paid twice; both ledgers say the same to the cent")
    return 1 if found else 0


@contextlib.contextmanager
def besieged(wire: Lying, seed: int) -> Iterator[Siege]:
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
    same = override_settings(MTURK_RATE=RATE, MTURK_FEES=FEES, TURK_FEES=FEES, MARKET_LAG_SECONDS=0, PUBLIC_URL=SITE)
    with same, doomed(watch=WATCHED, modules=MODULES, environment=environment) as killer:
        yield Siege(asking, requester, finance, killer, random.Random(seed), wire)
    channel.channel.cache_clear()


def _told(counted: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))
