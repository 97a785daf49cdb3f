"""What a list of offers costs: as many statements for many campaigns as for few, and never all that somebody did."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.members.models import Scope
from apps.work import services as work
from apps.work.models import Place
from apps.workforce.models import Qualification
from tests.api.machine import bearer
from tests.factories import UserFactory
from tests.running import handed_in, running, work_through, worker_of
from tests.workbench.at_work import html

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/work/", "/work/campaigns.json", "/api/v1/offers", "/work/answers/"])
def test_twelve_campaigns_cost_as_many_statements_as_three(address):
    client, worker = at_the_door()
    offered(worker, 3)
    few = statements(client, address)

    offered(worker, 9)
    many = statements(client, address)

    assert len(many) == len(few), "\n".join(many)


def test_of_all_that_a_worker_had_only_a_stretch_is_gone_past(monkeypatch):
    campaign = running(items=12, redundancy=3, page_size=4, gold=0)
    client, worker = at_the_door(campaign)
    work_through(campaign, worker)
    assert "nothing left for you" in html(client.get("/work/"))
    monkeypatch.setattr("apps.reports.left.MOST_LOOKED_AT", 5)

    (told,) = client.get("/work/campaigns.json").json()["campaigns"]

    assert (told["questions_left"], told["why_not"]) == (1, ""), "a lease looks at all of them, and says for sure"


def test_what_others_let_go_behind_a_workers_walk_is_counted():
    campaign = running(items=8, redundancy=1, page_size=4, gold=0)
    client, worker = at_the_door(campaign)
    other = work.lease(campaign, worker=worker_of(campaign))
    work_through(campaign, worker)
    assert client.get("/work/campaigns.json").json()["campaigns"][0]["questions_left"] == 0

    work.give_back(other.pk, worker=other.worker)

    assert Place.objects.filter(state="released").count() == 4
    assert client.get("/work/campaigns.json").json()["campaigns"][0]["questions_left"] == 1


def test_the_api_offers_what_the_pages_tell_programs():
    client, worker = at_the_door()
    running(
        dataset__organization=worker.organization, content_warning="Pictures of wounds", languages=["de"],
        senses=["hearing"], seconds_tried=12.0, price=10,
    )  # fmt: skip
    worker.organization.contact = "help@shop.example"
    worker.organization.save()

    pages = client.get("/work/campaigns.json").json()["campaigns"]
    api = client.get("/api/v1/offers").json()["results"]

    by_address = {"lease_url", "in_hand"}
    for one, other in zip(api, pages, strict=True):
        other["why_not"] = (other["why_not"][:1].lower() + other["why_not"][1:]).rstrip(".")
        assert {name: one[name] for name in other.keys() - by_address} == {
            name: value for name, value in other.items() if name not in by_address
        }
    assert api[1]["why_not"] == "this campaign asks for one of these languages: German"
    assert (api[1]["content_warning"], api[1]["hourly"] is not None) == ("Pictures of wounds", True)


def at_the_door(campaign=None):
    """Return the client of a worker with a session in the browser and a token, and the worker."""
    campaign = campaign or running(qualifications=["animals"], pay_tiers=[{"skill": 0.8, "price": 1200}], gold=2)
    user = UserFactory()
    worker = worker_of(campaign, user=user)
    Qualification.objects.create(worker=worker, name="animals")
    client = bearer(campaign.organization, Scope.WORK, user=user)
    client.force_login(user)
    return client, worker


def offered(worker, number):
    """Offer so many campaigns more, of three sorts; of one sort with pages in hand and handed in."""
    sorts = [
        {"qualifications": ["spiders"]},
        {"purpose": "test", "grants": "spiders", "gold": 3, "items": 3},
        {"redundancy": 3, "least_skill": 0.5, "gold": 2, "gold_share": 0.2},
    ]
    for n in range(number):
        other = running(dataset__organization=worker.organization, **sorts[n % 3])
        if n % 3 == 2:
            handed_in(other, worker)
            work.lease(other, worker=worker)


def statements(client, address):
    client.get(address)  # the first of all fills caches
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]
