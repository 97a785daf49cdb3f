"""Who is erased as a worker somewhere is let in there no more, by whichever token they worked."""

import pytest

from apps.members import services as members
from apps.members.models import Scope, Token
from apps.workforce import erasing
from tests.factories import OrganizationFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db


def test_a_token_that_a_worker_made_to_work_there_ends_with_them_and_their_others_stay():
    worker = WorkerFactory(user=UserFactory())
    there, elsewhere = worker.organization, OrganizationFactory()
    for of, scope, whose in (
        (there, Scope.WORK, {"user": worker.user}),
        (there, Scope.WORK, {"worker": worker.pk}),
        (there, Scope.READ, {"user": worker.user}),
        (elsewhere, Scope.WORK, {"user": worker.user}),
    ):
        members.make_token(of, name="a script", scopes=[scope], days=1, **whose)

    erasing.erase(worker)

    left = Token.objects.filter(revoked_at=None).order_by("pk")
    assert {(row.organization_id, *row.scopes) for row in left} == {(there.pk, Scope.READ), (elsewhere.pk, Scope.WORK)}
