"""boto3's own client whose requests go to the site without a socket: everything else of them is real."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from django.test import Client

from apps.ledger import services as ledger
from apps.members.models import Organization, Role, User
from apps.turkapi.services import keys
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce.models import Worker
from tests.factories import OrganizationFactory, UserFactory, WorkerFactory, member, number
from tests.running import tokens

EXTERNAL = (
    '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/'
    'ExternalQuestion.xsd"><ExternalURL>https://tasks.example.org/one?a=1&amp;b=2</ExternalURL>'
    "<FrameHeight>400</FrameHeight></ExternalQuestion>"
)
HIT = {
    "Title": "Which animal?",
    "Description": "Look at a picture and say which animal it shows.",
    "Keywords": "picture, animal",
    "Reward": "0.10",
    "MaxAssignments": 2,
    "LifetimeInSeconds": 3600,
    "AssignmentDurationInSeconds": 600,
    "AutoApprovalDelayInSeconds": 86400,
    "Question": EXTERNAL,
}


class Body:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **options: Any) -> Any:
        yield self.content


def requester(*, funds: int = 10_000) -> User:
    """Return a requester of a new organization that has so many cents."""
    organization = OrganizationFactory()
    if funds:
        ledger.deposit(organization, amount=funds, currency="USD", reference=f"test {number()}")
    return member(organization, Role.REQUESTER)


def organization_of(user: User) -> Organization:
    return user.memberships.get().organization


def turk(user: User, **config: Any) -> Any:
    """Return boto3's client for a requester, with a key of theirs."""
    key, secret = keys.make(organization_of(user), user=user)
    return turk_with(key.pk, secret, **config)


def turk_with(key: str, secret: str, *, at: str = "http://testserver/mturk/", **config: Any) -> Any:
    client = boto3.client(
        "mturk",
        endpoint_url=at,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )
    client.meta.events.register("before-send.mturk", send)
    return client


def send(request: AWSPreparedRequest, **kwargs: Any) -> AWSResponse:
    """Post what boto3 prepared and signed to the site, and hand the answer back as its HTTP client would."""
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
        if name.lower() not in ("content-type", "content-length")
    }
    content_type = request.headers.get("Content-Type", "")
    kind = content_type.decode() if isinstance(content_type, bytes) else content_type
    headers["HTTP_HOST"] = urlsplit(request.url).netloc
    answer = Client().generic(
        request.method, urlsplit(request.url).path, request.body or b"", content_type=kind, **headers
    )
    return AWSResponse(request.url, answer.status_code, dict(answer.headers), Body(answer.content))


def worker_of(user: User) -> Worker:
    return WorkerFactory(organization=organization_of(user))


def worker_id(worker: Worker) -> str:
    return f"A{worker.pk.hex.upper()}"


def accepted(worker: Worker) -> Assignment:
    """Return the next assignment that the worker took of what the organization offers."""
    from apps.work import queries

    for campaign in queries.open_to(worker):
        return work.lease(campaign, worker=worker)
    raise AssertionError("nothing is offered")


def handed_in(worker: Worker, **fields: str) -> str:
    """Return the AssignmentId of an assignment that the worker took and handed in with these fields."""
    page = accepted(worker)
    answer = [[name, value] for name, value in (fields or {"animal": "cat"}).items()]
    work.submit(page.pk, worker=worker, answers={token: {"answer": answer} for token in tokens(page)})
    return page.pk.hex.upper()


def hand_over(page: Assignment, fields: dict[str, Any]) -> Any:
    """Hand in a form of a frame as browsers do: posted by the frame, then by the worker's page around it."""
    given = re.search(r'id="given" type="application/json">(.*?)</script>', _posted(fields).content.decode())
    assert given, "the form handed nothing over"
    worker = Worker.objects.select_related("user").get(pk=page.worker_id)
    if worker.user is None:
        worker.user = UserFactory()
        worker.save()
    around = Client()
    around.force_login(worker.user)
    return around.post(f"/work/pages/{page.pk}/hand-in", json.loads(given[1]), content_type="application/json")


def _posted(fields: dict[str, Any]) -> Any:
    return Client(enforce_csrf_checks=True).post("/mturk/externalSubmit", fields)
