"""Clients with tokens: what a machine would send."""

from typing import Any

from django.test import Client

from apps.campaigns.models import Campaign
from apps.members import services as members
from apps.members.models import Membership, Organization, Role, Scope, User
from apps.workforce.models import Worker
from tests.factories import UserFactory
from tests.running import worker_of

V1 = "/api/v1"
JSON = {"content_type": "application/json"}


class Machine(Client):
    """Holds every refusal for what there is now (409) to saying which state that is, and what it should be."""

    def request(self, **request: Any) -> Any:
        answered = super().request(**request)
        if answered.status_code == 409:
            errors = answered.json().get("errors", [])
            assert errors, answered.content
            for error in errors:
                assert set(error) == {"field", "detail", "is", "should_be"}, error
                assert error["field"], error
                assert error["should_be"] not in ("", None, []), error
        return answered


def bearer(organization: Organization, *scopes: Scope, **whose: Any) -> Client:
    """Return a client with a new token of a user or a worker (by id)."""
    _, secret = members.make_token(organization, name="a test", scopes=scopes or list(Scope), days=1, **whose)
    return Machine(headers={"authorization": f"Bearer {secret}"})


def machine(organization: Organization, *roles: Role, user: User | None = None, scopes: Any = ()) -> Client:
    """Return a client with the token of a member who has these roles there."""
    user = user or UserFactory(is_staff=True)
    for role in roles:
        Membership.objects.create(organization=organization, user=user, role=role)
    return bearer(organization, *scopes, user=user)


def working(campaign: Campaign, **values: Any) -> tuple[Client, Worker]:
    """Return a client with the token of a new worker of the campaign, and the worker."""
    worker = worker_of(campaign, **values)
    return bearer(campaign.organization, Scope.WORK, worker=worker.pk), worker


def answers(page: dict[str, Any], answer: Any = "cat") -> dict[str, Any]:
    """Return what hands a page in with the same answer everywhere."""
    return {"answers": {place["token"]: {"answer": answer} for place in page["places"]}}
