"""Whether workers will see what they are asked about: files in the store, and what others' machines serve.

Of the first items, which everybody sees first, and of some from anywhere, others at each preflight; in a bounded time.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from apps.campaigns.models import Campaign
from apps.core import outbound, rates
from apps.datasets import heads
from apps.datasets import queries as datasets
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.kinds.framed import Frame, FramedKind
from apps.kinds.viewer import media_names
from apps.pipeline.findings import Finding
from apps.work.queries import shown

FIRST, MORE = 10, 40  # items
MOST = 60  # files or addresses
AT_ONCE = 8
SECONDS = 5.0
NAMED = 3
SHOWN_BY = {"img": "image", "audio": "audio", "video": "video"}
NO_HEAD = (405, 501)  # a server that answers only whole pages is there

Look = Callable[[], str]  # returns what is wrong, to be read after the name; "" for nothing


class NotSeen(Exception):
    """It could not be looked at, for the reason of the text."""


def findings(campaign: Campaign) -> Iterator[Finding]:
    """Yield what is broken of what some items show. Asks the store and others: call it outside transactions."""
    some = datasets.some_items(campaign.dataset_id, first=FIRST, more=MORE)
    kind = of(campaign.kind)
    yield from _told("files", _in_store(campaign, [shown(data, campaign) for data in some]))
    if isinstance(kind, FramedKind):
        yield from _told("addresses", _elsewhere(kind, some, campaign.organization_id))


def _in_store(campaign: Campaign, some: Collection[Mapping[str, Any]]) -> dict[str, Look]:
    names = [name for data in some for name in media_names(data)]
    known = datasets.media_of(campaign.dataset_id, names)
    if not known:
        return {}
    read = heads.reader()

    def look(name: str) -> str:
        try:
            return heads.problem(known[name], read(known[name]))
        except heads.Unread as error:
            raise NotSeen(f"the store did not answer ({error})") from None

    return {name: partial(look, name) for name in known}


def _elsewhere(kind: FramedKind[Any, Any], some: Collection[Mapping[str, Any]], whose: UUID) -> dict[str, Look]:
    found: dict[str, str] = {}
    for data in some:
        try:
            found |= dict(_addresses(kind.frame(data)))
        except Bad:
            continue  # is told of all items elsewhere
    return {address: _asking(address, as_, whose) for address, as_ in list(found.items())[:MOST]}


def _asking(address: str, as_: str, whose: UUID) -> Look:
    """Take the organization's turn here: a look is done in a thread, which has no connection to count by."""
    try:
        outbound.take_turn(whose)
    except rates.TooMany as full:
        return partial(_not_seen, f"too many requests for this organization, try again in {full.wait:.0f} s")
    return partial(_answers, address, as_)


def _not_seen(why: str) -> str:
    raise NotSeen(why)


def _addresses(frame: Frame) -> Iterator[tuple[str, str]]:
    """Yield what a frame loads by itself: the address, and what it is shown as ("page", "image", "audio", "video")."""
    if frame.url:
        yield frame.url, "page"
    sources = _Sources()
    sources.feed(frame.html)
    yield from sources.found


class _Sources(HTMLParser):
    """Collects what a document shows from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = dict(attrs).get("src") or ""
        if tag in SHOWN_BY and source.startswith(("https://", "http://")):
            self.found.append((source, SHOWN_BY[tag]))


def _answers(address: str, as_: str) -> str:
    try:
        answer = outbound.send("HEAD", address, whose=None, seconds=SECONDS)
    except (outbound.NotAllowed, outbound.Failed) as error:
        raise NotSeen(str(error)) from None  # a worker's browser may reach what this machine can't
    if answer.status >= 400 and answer.status not in NO_HEAD:
        return f"answers {answer.status}"
    if as_ == "page":
        return "forbids to be shown in a frame" if _refuses_frames(answer.headers) else ""
    is_ = answer.headers.get("content-type", "").partition(";")[0].strip()
    return f"is {is_}, and is shown as {as_}" if is_.startswith("text/") else ""


def _refuses_frames(headers: Mapping[str, str]) -> bool:
    """Tell whether no page but its own may frame it. A policy's list of ancestors stands before the older header."""
    for rule in headers.get("content-security-policy", "").lower().split(";"):
        name, _, sources = rule.strip().partition(" ")
        if name == "frame-ancestors":
            return set(sources.split()) <= {"'none'", "'self'"}
    return headers.get("x-frame-options", "").strip().lower() in ("deny", "sameorigin")


def _told(what: str, looks: Mapping[str, Look]) -> Iterator[Finding]:
    some = dict(list(looks.items())[:MOST])
    broken, unseen = _looked_at(some)
    if broken:
        seen = len(some) - len(unseen)
        named = "; ".join(f"{name!r} {problem}" for name, problem in list(broken.items())[:NAMED])
        more = f"; and {len(broken) - NAMED:,} more" if len(broken) > NAMED else ""
        yield Finding("block", f"{len(broken):,} of {seen:,} {what} looked at are broken: {named}{more}", "data")
    if unseen:
        why = next(iter(unseen.values()))
        yield Finding("note", f"{len(unseen):,} of {len(some):,} {what} could not be looked at: {why}", "data")


def _looked_at(looks: Mapping[str, Look]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is wrong with which, and why which could not be seen. Several at once, and no longer than SECONDS."""
    if not looks:
        return {}, {}
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="media")
    begun = {name: pool.submit(look) for name, look in looks.items()}
    done, _ = wait(begun.values(), timeout=SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    broken: dict[str, str] = {}
    unseen: dict[str, str] = {}
    for name, future in begun.items():
        if future not in done:
            unseen[name] = f"there was no answer within {SECONDS:.0f} s"
        elif isinstance(error := future.exception(), NotSeen):
            unseen[name] = str(error)
        elif problem := future.result():
            broken[name] = problem
    return broken, unseen
