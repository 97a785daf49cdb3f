"""What waits for a second person by the API: listed, shown, agreed to and refused, never by who asked for it."""

import pytest

from apps.channels.models import Reconciliation
from apps.ledger import queries as books
from apps.members.models import Role
from apps.payments.models import Obligation, Settlement, SignOff
from tests.api.machine import JSON, V1, bearer, machine
from tests.channels.market import launched, looked_at, worked
from tests.channels.test_four_eyes import limited
from tests.channels.test_listed_alone import by_hand
from tests.factories import OrganizationFactory
from tests.running import deposit

pytestmark = pytest.mark.django_db
WHY = {"reason": "I read it"}


def machines(campaign, limit):
    return [bearer(campaign.organization, user=user) for user in limited(campaign, limit)]


@pytest.fixture
def asked(market):
    """Return a bonus that waits, and the machines of who asked for it and of who may agree."""
    campaign = launched(items=4, page_size=2, redundancy=1, price=10)
    worker = worked(market).claim().worker
    fin, fatma = machines(campaign, 25)
    deposit(campaign, 500)
    given = {"worker": str(worker.pk), "amount": 25, "currency": "USD", "reference": "b1", "reason": "Thorough"}
    return fin.post(f"{V1}/bonuses", given, **JSON), fin, fatma


def test_a_bonus_that_waits_says_so_and_another_ones_token_agrees(asked):
    made, fin, fatma = asked
    (listed,) = fatma.get(f"{V1}/sign-offs?waits=true").json()["results"]
    path = f"{V1}/sign-offs/{listed['id']}"

    own = fin.post(f"{path}/agree", WHY, **JSON)
    shown = fatma.get(path).json()
    done = fatma.post(f"{path}/agree", WHY, **JSON)
    looked_at()

    assert (made.status_code, made.json()["waits"]) == (201, True)
    assert (own.status_code, "somebody else has to agree" in own.json()["detail"]) == (409, True)
    assert shown["about"]["obligation"] == made.json()["id"]
    assert shown["about"]["worker"] == Obligation.objects.get(pk=made.json()["id"]).worker.external_id
    assert (done.status_code, done.json()["waits"]) == (200, False)
    assert Settlement.objects.filter(obligation=made.json()["id"]).exists()
    assert fatma.get(f"{V1}/sign-offs?waits=true").json()["results"] == []


def test_a_bonus_is_refused_and_the_funds_have_it_again(asked):
    made, _, fatma = asked
    path = f"{V1}/sign-offs/{SignOff.objects.get().pk}/refuse"

    refused, again = (fatma.post(path, WHY, **JSON) for _ in range(2))

    assert (refused.status_code, again.status_code) == (200, 409)
    assert refused.json()["refused_by"] is not None
    of = Obligation.objects.get(pk=made.json()["id"]).organization
    assert books.balance(of, kind="payable", currency="USD") == 0


def test_another_organization_sees_no_sign_off(asked):
    stranger = machine(OrganizationFactory(), Role.FINANCE)

    assert stranger.get(f"{V1}/sign-offs").json()["results"] == []
    assert stranger.post(f"{V1}/sign-offs/{SignOff.objects.get().pk}/agree", WHY, **JSON).status_code == 404


def test_a_payment_that_the_market_alone_has_is_booked_and_by_two_from_the_limit_on(market, settings):
    campaign = by_hand(market, settings)
    fin, fatma = machines(campaign, 50)
    deposit(campaign, 500)
    row = Reconciliation.objects.first()
    (found,) = row.differences
    given = {name: found[name] for name in ("kind", "assignment", "worker", "amount")} | WHY
    path = f"{V1}/reconciliations/{row.pk}/book"

    other = fin.post(path, given | {"amount": 7}, **JSON)
    waits = fin.post(path, given, **JSON)
    (listed,) = fatma.get(f"{V1}/sign-offs?waits=true").json()["results"]
    done = fatma.post(f"{V1}/sign-offs/{listed['id']}/agree", WHY, **JSON)

    assert (listed["kind"], listed["seen_unpaid"]) == ("bonus", False)
    assert (other.status_code, waits.json(), done.status_code) == (409, {"waits": True}, 200)
    assert Settlement.objects.get(obligation__kind="bonus").obligation.amount == 50
