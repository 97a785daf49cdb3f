"""A crowd of simulated workers that completes a campaign over HTTP, as people would."""

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from apps.campaigns.models import Campaign
from apps.kinds.character import CHARACTERS
from apps.members.models import User
from apps.simulation import content
from apps.simulation.answering import Answerer, ByCharacter
from apps.simulation.client import Browser, NoPage, NotTaken
from apps.workforce import services as workforce
from apps.workforce.models import Channel, Worker

MIX: Mapping[str, float] = {"careful": 0.6, "hasty": 0.2, "biased": 0.1, "spamming": 0.1}
THREADS = 4  # workers who are at it at the same moment
LAST_TRIES = 5  # "nothing left" may only mean that others hold the last tasks for a moment
PAUSE_SECONDS = 0.2


class NotForACrowd(Exception):
    """The campaign is for people: a simulated crowd would spend real money on invented answers."""


@dataclass
class Member:
    """One simulated worker."""

    worker: Worker
    answerer: Answerer
    session: str
    tries: int = LAST_TRIES


@dataclass
class Tally:
    """What a crowd did."""

    pages: int = 0
    answers: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    because: dict[str, str] = field(default_factory=dict)  # what the workbench said to each reason


def characters(n: int, mix: Mapping[str, float] = MIX) -> list[str]:
    """Return `n` names of characters in the proportions of `mix`, the same each time.

    >>> characters(5, {"careful": 0.8, "spamming": 0.2})
    ['careful', 'careful', 'careful', 'careful', 'spamming']
    """
    shares = list(mix.values())
    unknown = set(mix) - set(CHARACTERS)
    if unknown or not shares or not all(0 <= share < math.inf for share in shares) or sum(shares) <= 0:
        raise ValueError(f"a mix gives shares to some of {sorted(CHARACTERS)}, this one is {dict(mix)}")
    edges = np.cumsum([share / sum(mix.values()) for share in mix.values()])
    names = list(mix)
    return [names[int(np.searchsorted(edges, (place + 0.5) / n))] for place in range(n)]


def enlist(
    campaign: Campaign, *, workers: int, mix: Mapping[str, float] = MIX, truth: Mapping[str, Any], seed: int = 1
) -> list[Member]:
    """Register simulated workers; `truth` gives the right raw answers by external id, as far as they are known."""
    by_id = {item: key for key, item in content.known(campaign)}
    by_content = {by_id[item]: answer for item, answer in truth.items() if item in by_id}
    numbers: Counter[str] = Counter()
    members = []
    for place, name in enumerate(characters(workers, mix)):
        numbers[name] += 1
        answerer = ByCharacter(CHARACTERS[name], by_content, (seed, place))
        members.append(member(campaign, name=f"{name}-{numbers[name]:02}", answerer=answerer))
    return members


def member(campaign: Campaign, *, name: str, answerer: Answerer) -> Member:
    """Register one simulated worker of the campaign's organization, with a session as if signed in."""
    if campaign.channel != Channel.SIMULATED:
        raise NotForACrowd(
            f"campaign {campaign.name!r} is offered to {campaign.get_channel_display()!r}: "
            "clone it with channel 'simulated' to rehearse it"
        )
    email = f"{name}@{campaign.organization.slug}.simulated.invalid"
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
    worker = workforce.register(
        campaign.organization,
        external_id=name,
        user=user,
        channel=Channel.SIMULATED,
        name=name,
        languages=campaign.languages,
        groups=campaign.groups,
    )
    return Member(worker, answerer, _sign_in(user))


def run(
    campaign: Campaign,
    members: Iterable[Member],
    *,
    base_url: str,
    threads: int = THREADS,
    tell: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Let the crowd work, a page each in turn, until nobody gets a page any more; `tell` is called after each page."""
    tally = Tally()
    waiting = deque((member, Browser(base_url, member.session)) for member in members)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                at_it, browser = waiting.popleft()
            if _one_page(campaign.pk, at_it, browser, tally, lock, tell):
                with lock:
                    waiting.append((at_it, browser))
            else:
                browser.close()

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work) for _ in range(threads)]:
            done.result()
    return tally


def _one_page(
    campaign: UUID,
    at_it: Member,
    browser: Browser,
    tally: Tally,
    lock: threading.Lock,
    tell: Callable[[Tally], None],
) -> bool:
    """Do one page; return whether the worker looks for another."""
    try:
        page = browser.lease(campaign)
    except NoPage as none:
        at_it.tries -= 1
        if none.reason == "done" and at_it.tries:
            time.sleep(PAUSE_SECONDS)
            return True
        with lock:
            tally.refusals[none.reason] += 1
            tally.because[none.reason] = str(none)
        return False
    at_it.tries = LAST_TRIES
    try:
        browser.submit(page, _answers(page, at_it.answerer, browser))
    except NotTaken:
        with lock:
            tally.refusals["late"] += 1
        return True
    with lock:
        tally.pages += 1
        tally.answers += len(page["places"])
        tell(tally)
    return True


def _answers(page: Mapping[str, Any], answerer: Answerer, browser: Browser) -> dict[str, Any]:
    places: Sequence[Mapping[str, Any]] = page["places"]
    return {
        place["token"]: {
            "answer": answerer.answer(
                content.seen(place["parts"], browser.fetch), kind=page["kind"], settings=page["settings"]
            )
        }
        for place in places
    }


def _sign_in(user: User) -> str:
    """Return the key of a session as the log-in page would make it; forty log-ins at once would meet its rate limit."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
