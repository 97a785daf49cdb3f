"""Any service that speaks MTurk's requester API, as a channel: its verbs in our words."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, unescape

from defusedxml.ElementTree import fromstring
from django.conf import settings

from apps.channels.base import (
    ChannelBusy,
    ChannelGone,
    ChannelRefused,
    ChannelUnknown,
    Cost,
    Line,
    Offer,
    Standing,
    Submission,
)
from apps.channels.mturk import costs, hints, qualifying
from apps.channels.mturk.calls import Calls, is_duplicate
from apps.core import money

CURRENCY = "USD"
AMAZONS = re.compile(r"mturk-requester[\w.-]*\.amazonaws\.com")
CLOSED = (
    "no service is named that speaks MTurk's API, and Amazon's own closed on 2026-09-30: set AWS_ENDPOINT_URL_MTURK to "
    "the address of one, as /mturk/ of another labelcrowd"
)
HEIGHT = 800  # pixels of the frame: left to the market, it may be so low that one question is a long way to scroll
QUESTION = (
    '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/'
    'ExternalQuestion.xsd"><ExternalURL>{}</ExternalURL><FrameHeight>{}</FrameHeight></ExternalQuestion>'
)
_EXTERNAL = re.compile(r"<ExternalURL>([^<]*)</ExternalURL>")
_NAME = re.compile(r"[!-~]{1,64}")  # as we can keep it
_HIT_ID = re.compile(r"\b[A-Z0-9]{20,64}\b")


class MTurk:
    """One account at one endpoint. A client is given in tests; else it is the one that boto3's chain leads to."""

    currency = CURRENCY
    wave = costs.WAVE

    def __init__(self, client: Any = None) -> None:
        self.calls = Calls(client)
        self.environment = self.calls.environment
        self.closed = CLOSED if AMAZONS.fullmatch(self.environment) else ""
        self.schedule = costs.Schedule(*settings.MTURK_FEES)

    def quote(self, slots: int, *, reward: int, requirements: Sequence[Mapping[str, Any]] = ()) -> Cost:
        masters = any(each["name"] == qualifying.MASTERS for each in requirements)
        premium = sum(qualifying.premium(each["name"]).cents for each in requirements)
        return costs.slots(slots, reward=reward, masters=masters, premium=premium, schedule=self.schedule)

    def quote_bonus(self, cents: int) -> Cost:
        return costs.bonus(cents, self.schedule)

    def publish(self, offer: Offer, *, key: str, token: str) -> str:
        given = {
            "Title": offer.title,
            "Description": offer.description,
            "Keywords": offer.keywords,
            "Reward": _amount(offer.reward),
            "MaxAssignments": offer.slots,
            "LifetimeInSeconds": offer.lifetime_seconds,
            "AssignmentDurationInSeconds": offer.lease_seconds,
            "AutoApprovalDelayInSeconds": offer.approve_after_seconds,
            "Question": QUESTION.format(escape(offer.address), HEIGHT),
            "RequesterAnnotation": key,
            "UniqueRequestToken": token,
        }
        names = [each["name"] for each in offer.requirements]
        try:
            return str(qualifying.with_lost_ones_made_anew(self.calls, names, lambda: self._create(offer, given)))
        except ChannelRefused as error:
            return self._already(error, key)

    def _create(self, offer: Offer, given: Mapping[str, Any]) -> str:
        asked = qualifying.written(self.calls, offer.requirements)
        more = {"QualificationRequirements": asked} if asked else {}
        return str(self.calls.call("create_hit", "HIT", read=lambda hit: _name(hit["HITId"]), **given, **more))

    def is_ours(self, *, but: str = "") -> bool:
        return qualifying.is_known(self.calls, but=but)

    def offers(self) -> Iterator[tuple[str, str, str]]:
        for page in self.calls.pages("list_hits", "HITs", read=_offer):
            yield from page

    def find(self, key: str) -> str | None:
        return next((name for known, name, _address in self.offers() if known == key), None)

    def standing(self, publication: str) -> Standing:
        found: Standing = self.calls.call("get_hit", "HIT", read=_standing, HITId=publication)
        return found

    def listen(self, publication: str) -> None:
        if settings.MTURK_QUEUE:
            type_ = self.calls.call("get_hit", "HIT", read=lambda hit: hit["HITTypeId"], HITId=publication)
            wanted = hints.wanted(type_, queue=settings.MTURK_QUEUE, topic=settings.MTURK_TOPIC)
            self.calls.call("update_notification_settings", **wanted)

    def hear(self) -> set[str]:
        return hints.read(settings.MTURK_QUEUE) if settings.MTURK_QUEUE else set()

    def delete(self, publication: str) -> None:
        with suppress(ChannelGone):
            self.calls.call("delete_hit", HITId=publication)

    def extend(self, publication: str, *, slots: int, token: str) -> None:
        given = {"HITId": publication, "NumberOfAdditionalAssignments": slots, "UniqueRequestToken": token}
        self.calls.once("create_additional_assignments_for_hit", **given)

    def withdraw(self, publication: str) -> None:
        given = {"HITId": publication, "ExpireAt": datetime.fromtimestamp(0, UTC)}
        self.calls.once("update_expiration_for_hit", **given)  # seen: a repeat with the same time is a "duplicate"

    def collect(self, publication: str) -> Iterator[Submission]:
        yield from self._assignments(publication, lambda row: _submission(row, publication))

    def approve(self, assignment: str, *, feedback: str = "", override: bool = False) -> None:
        more: dict[str, Any] = {"RequesterFeedback": feedback} if feedback else {}
        more |= {"OverrideRejection": True} if override else {}
        self._judge("approve_assignment", "Approved", assignment, **more)

    def reject(self, assignment: str, *, reason: str) -> None:
        self._judge("reject_assignment", "Rejected", assignment, RequesterFeedback=reason)

    def verdict(self, assignment: str) -> str:
        try:
            with self._our_account():
                return str(self.calls.call("get_assignment", "Assignment", read=_state, AssignmentId=assignment))
        except ChannelRefused as error:
            if error.code.endswith("DoesNotExist"):
                return ""
            raise

    def pay_bonus(self, assignment: str, *, worker: str, cents: int, reason: str, token: str) -> None:
        given = {"AssignmentId": assignment, "WorkerId": worker, "BonusAmount": _amount(cents), "Reason": reason}
        with self._our_account():
            self.calls.once("send_bonus", **given, UniqueRequestToken=token)

    def grant(self, worker: str, *, name: str) -> None:
        qualifying.grant(self.calls, worker, name)

    def revoke(self, worker: str, *, name: str) -> None:
        qualifying.revoke(self.calls, worker, name)

    def forget(self, name: str) -> None:
        qualifying.forget(self.calls, name)

    def block(self, worker: str, *, reason: str) -> None:
        self.calls.call("create_worker_block", WorkerId=worker, Reason=reason)

    def unblock(self, worker: str) -> None:
        self.calls.call("delete_worker_block", WorkerId=worker)

    def notify(self, workers: Sequence[str], *, subject: str, text: str) -> dict[str, str]:
        given = {"WorkerIds": list(workers), "Subject": subject, "MessageText": text}
        told = self.calls.call("notify_workers", "NotifyWorkersFailureStatuses", read=_unreached, **given)
        return dict(told)

    def balance(self) -> int:
        return int(self.calls.call("get_account_balance", "AvailableBalance", read=_cents))

    def bonuses(self, assignment: str) -> list[Line]:
        return sorted(self._bonuses(AssignmentId=assignment))

    def statement(self, publications: Sequence[str]) -> list[Line]:
        return sorted(line for publication in publications for line in self._lines(publication))

    def _lines(self, publication: str) -> Iterator[Line]:
        reward = self.calls.call("get_hit", "HIT", read=lambda hit: _cents(hit["Reward"]), HITId=publication)
        for state, line in self._assignments(publication, lambda row: _rewarded(row, reward)):
            if state == "approved":
                yield line
        yield from self._bonuses(HITId=publication)

    def _assignments(self, publication: str, read: Callable[[Any], Any]) -> Iterator[Any]:
        for page in self.calls.pages("list_assignments_for_hit", "Assignments", read=read, HITId=publication):
            yield from page

    def _bonuses(self, **of: str) -> Iterator[Line]:
        for page in self.calls.pages("list_bonus_payments", "BonusPayments", read=_bonus, **of):
            yield from page

    def _judge(self, operation: str, wanted: str, assignment: str, **more: Any) -> None:
        try:
            with self._our_account():
                self.calls.call(operation, AssignmentId=assignment, **more)
        except ChannelRefused as error:
            if not error.code.endswith("InvalidAssignmentState"):
                raise
            told: dict[str, Any] = {"read": lambda row: row.get("AssignmentStatus"), "AssignmentId": assignment}
            found = self.calls.call("get_assignment", "Assignment", **told)
            if found in (None, "Submitted"):  # seen: for a moment after it was handed in, no verdict is taken
                raise ChannelBusy(f"{operation}: assignment {assignment} is not ready for a verdict yet") from None
            if found != wanted:
                raise ChannelRefused(error.code, f"assignment {assignment} is {found}, not {wanted}") from None

    @contextmanager
    def _our_account(self) -> Iterator[None]:
        """Have what does not exist refused only by the account that it was made with: another one can't say that."""
        try:
            yield
        except ChannelRefused as error:
            if error.code.endswith("DoesNotExist") and not self.is_ours():
                raise ChannelBusy(qualifying.STRANGE) from error
            raise

    def _already(self, error: ChannelRefused, key: str) -> str:
        if not is_duplicate(error):
            raise error
        named = _HIT_ID.search(str(error))
        found = named[0] if named else self.find(key)
        if found is None:
            raise ChannelUnknown(f"the market made {key} before, and does not list it yet") from None
        return found


def answers(xml: str) -> dict[str, str]:
    """Return the fields of a QuestionFormAnswers document; {} for none, or one that can't be read: a person decides."""
    if not xml:
        return {}
    try:
        document = fromstring(xml, forbid_dtd=True)
    except (ParseError, ValueError):  # what defusedxml forbids is a ValueError
        return {}
    found: dict[str, str] = {}
    for answer in document:
        parts = {str(part.tag).rpartition("}")[2]: part.text or "" for part in answer}
        found[parts.get("QuestionIdentifier", "")] = parts.get("FreeText", parts.get("SelectionIdentifier", ""))
    return found


def _offer(hit: Mapping[str, Any]) -> tuple[str, str, str]:
    address = _EXTERNAL.search(hit.get("Question", ""))
    return hit.get("RequesterAnnotation", ""), _name(hit["HITId"]), unescape(address[1]) if address else ""


def _standing(hit: Mapping[str, Any]) -> Standing:
    slots, pending = int(hit["MaxAssignments"]), int(hit["NumberOfAssignmentsPending"])
    if not 0 <= pending <= slots:
        raise ValueError(f"workers have {pending} of {slots} slots")
    return Standing(slots, pending, hit["HITStatus"] == "Assignable")


def _submission(row: Mapping[str, Any], publication: str) -> Submission:
    return Submission(
        publication=publication, assignment=_name(row["AssignmentId"]), worker=_name(row["WorkerId"]),
        state=_state(row), answer=answers(row.get("Answer", "")), submitted_at=row["SubmitTime"],
    )  # fmt: skip


def _rewarded(row: Mapping[str, Any], reward: int) -> tuple[str, Line]:
    return _state(row), Line("reward", _name(row["AssignmentId"]), _name(row["WorkerId"]), reward)


def _bonus(row: Mapping[str, Any]) -> Line:
    return Line("bonus", _name(row["AssignmentId"]), _name(row["WorkerId"]), _cents(row["BonusAmount"]))


def _unreached(failed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {each["WorkerId"]: each.get("NotifyWorkersFailureMessage", "") for each in failed}


def _state(row: Mapping[str, Any]) -> str:
    state = str(row["AssignmentStatus"]).lower()
    if state not in ("submitted", "approved", "rejected"):
        raise ValueError(f"an assignment is {state}")
    return state


def _name(said: Any) -> str:
    if not isinstance(said, str) or not _NAME.fullmatch(said):
        raise ValueError("a name is none")
    return said


def _cents(said: Any) -> int:
    return money.to_minor(str(said), CURRENCY)


def _amount(cents: int) -> str:
    return f"{money.to_decimal(cents, CURRENCY):f}"
