"""Workers: taken in, put into groups, qualified, and stopped."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import campaigns, named, one, organization, workers
from apps.api.paging import choice, text, uid
from apps.api.verbs import verb
from apps.api.wire.base import Empty
from apps.api.wire.people import (
    ClearedIn,
    GroupOut,
    LinkOut,
    NamedGroup,
    QualificationIn,
    QualificationOut,
    RegisteredOut,
    RestrictionIn,
    RestrictionOut,
    SkillOut,
    WorkerChange,
    WorkerIn,
    WorkerOut,
)
from apps.members import accounts
from apps.workforce import linking, services
from apps.workforce.models import Channel, Group, Link, Qualification, Restriction, Skill, Worker


class Workers(Endpoint):
    @verb(
        "List workers",
        lists=WorkerOut,
        filters={
            "external_id": text("external_id"),
            "channel": choice("channel", Channel.values),
            "group": text("groups__name"),
        },
    )
    def get(self, request: Request) -> QuerySet[Worker]:
        return workers(self.caller)

    @verb("Take a worker in, with a log-in if there is an e-mail address; one that is known is returned as it is",
          takes=WorkerIn, gives=RegisteredOut, status=201, shows_secret=True)  # fmt: skip
    def post(self, request: Request, given: dict[str, Any]) -> Response:
        of, email, password = organization(self.caller), given.pop("email", ""), ""
        with transaction.atomic():
            if email:
                given["user"], password = accounts.log_in(email, name=given["name"], of=of.pk)
                given["external_id"] = given["external_id"] or services.pseudonym(of, given["user"])
            worker = services.register(of, **given)
            if email and worker.user != given["user"]:
                said = f"the worker {worker.external_id} is known already, and without this log-in"
                raise services.TakenName(said, field="external_id", found=worker.external_id, wanted="one nobody has")
        return Response({**WorkerOut(worker).data, "password": password}, status=201)


class OneWorker(Endpoint):
    @verb("Show a worker", gives=WorkerOut)
    def get(self, request: Request, worker_id: UUID) -> Worker:
        return one(workers(self.caller), pk=worker_id)

    @verb("Change a worker's name, languages or groups", takes=WorkerChange, gives=WorkerOut)
    def patch(self, request: Request, worker_id: UUID, given: dict[str, Any]) -> Worker:
        return services.describe(one(workers(self.caller), pk=worker_id), **given)


class Groups(Endpoint):
    @verb("List groups of workers", lists=GroupOut, filters={"name": text("name")})
    def get(self, request: Request) -> QuerySet[Group]:
        return groups(self.caller)

    @verb("Make a group; one that is known is returned", takes=NamedGroup, gives=GroupOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Group:
        return services.make_group(organization(self.caller), **given)


class OneGroup(Endpoint):
    @verb("Show a group", gives=GroupOut)
    def get(self, request: Request, group_id: int) -> Group:
        return one(groups(self.caller), pk=group_id)

    @verb("Call a group otherwise", takes=NamedGroup, gives=GroupOut)
    def patch(self, request: Request, group_id: int, given: dict[str, Any]) -> Group:
        return services.rename_group(one(groups(self.caller), pk=group_id), **given)

    @verb("Take a group away; its workers stay", status=204)
    def delete(self, request: Request, group_id: int) -> None:
        services.drop_group(one(groups(self.caller), pk=group_id))


class Skills(Endpoint):
    @verb("List estimates of how often workers are right", lists=SkillOut,
          filters={"worker": uid("worker"), "scope": text("scope")})  # fmt: skip
    def get(self, request: Request) -> QuerySet[Skill]:
        return Skill.objects.filter(worker__organization=self.caller.organization)


class Qualifications(Endpoint):
    @verb("List qualifications", lists=QualificationOut, filters={"worker": uid("worker"), "name": text("name")})
    def get(self, request: Request) -> QuerySet[Qualification]:
        return Qualification.objects.filter(worker__organization=self.caller.organization)

    @verb("Grant a qualification, or change its value", takes=QualificationIn, gives=QualificationOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Qualification:
        return services.grant(named(workers(self.caller), given, "worker"), name=given["name"], value=given["value"])


class OneQualification(Endpoint):
    @verb("Show a qualification", gives=QualificationOut)
    def get(self, request: Request, qualification_id: int) -> Qualification:
        return one(Qualification.objects.filter(worker__organization=self.caller.organization), pk=qualification_id)

    @verb("Take a qualification away", status=204)
    def delete(self, request: Request, qualification_id: int) -> None:
        own = Qualification.objects.filter(worker__organization=self.caller.organization)
        services.take_away(one(own, pk=qualification_id))


class Restrictions(Endpoint):
    @verb("List restrictions", lists=RestrictionOut, filters={"worker": uid("worker"), "scope": text("scope")})
    def get(self, request: Request) -> QuerySet[Restriction]:
        return restrictions(self.caller)

    @verb("Stop a worker, for a reason that the worker is told", takes=RestrictionIn, gives=RestrictionOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Restriction:
        scope = named(campaigns(self.caller), given, "campaign").key if "campaign" in given else ""
        return services.restrict(
            named(workers(self.caller), given, "worker"),
            reason=given["reason"],
            scope=scope,
            ends_at=given.get("ends_at"),
            by=self.caller.user,
        )


class Lift(Endpoint):
    @verb("End a restriction now", takes=Empty, gives=RestrictionOut)
    def post(self, request: Request, restriction_id: int, given: dict[str, Any]) -> Restriction:
        restriction = one(restrictions(self.caller), pk=restriction_id)
        services.lift(restriction, by=self.caller.user)
        restriction.refresh_from_db()
        return restriction


class Links(Endpoint):
    @verb("List accounts that look like one person's", lists=LinkOut)
    def get(self, request: Request) -> QuerySet[Link]:
        return links(self.caller)


class ClearLink(Endpoint):
    @verb("Say that two accounts are two people's", takes=ClearedIn, gives=LinkOut)
    def post(self, request: Request, link_id: int, given: dict[str, Any]) -> Link:
        return linking.clear(one(links(self.caller), pk=link_id), reason=given["reason"], by=self.caller.user)


def groups(caller: Caller) -> QuerySet[Group]:
    return Group.objects.filter(organization=caller.organization)


def restrictions(caller: Caller) -> QuerySet[Restriction]:
    return Restriction.objects.filter(worker__organization=caller.organization).select_related("worker")


def links(caller: Caller) -> QuerySet[Link]:
    return Link.objects.filter(first__organization=caller.organization)
