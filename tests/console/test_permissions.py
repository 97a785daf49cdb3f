"""Who may open what: every page of the admin with every role, in one's own organization and in another's."""

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, reverse

from apps.members.models import Role
from tests.console.house import House, buttons, client, client_of, house, page, registered
from tests.factories import OrganizationFactory, UserFactory, member

pytestmark = pytest.mark.django_db

# What each role may open, as the product promises it: written down here a second time, in words of its own.
LABELS = {
    "datasets.Dataset", "datasets.Item", "campaigns.Campaign", "campaigns.Guidelines", "campaigns.GoldQuestion",
    "quality.Review", "quality.Dispute", "quality.Audit", "workforce.Worker", "workforce.Skill",
    "workforce.Restriction", "workforce.Link", "quality.RejectionPolicy",
}  # fmt: skip
MONEY = {
    "members.Trail", "ledger.Account", "ledger.Budget", "ledger.Entry", "ledger.Posting", "payments.Obligation",
    "payments.PayoutBatch", "payments.Payout", "payments.PayoutPolicy", "payments.BudgetAlert", "ledger.Closing",
}  # fmt: skip
OWN = {
    "datasets.Import", "workforce.Group", "workforce.Qualification", "ledger.Budget", "payments.BudgetAlert",
    "turkapi.AccessKey", "workforce.Invitation", "members.Terms", "campaigns.PayPolicy",
}  # fmt: skip
MARKETS = {"channels.Publication", "channels.Claim", "channels.Reconciliation"}
ADMINS = {"members.Organization", "members.Membership", "pipeline.Delivery", "pipeline.Schedule",
          "members.Token", "notices.Endpoint", "notices.Notice"}  # fmt: skip
MAY_VIEW = {
    Role.REVIEWER: LABELS,
    Role.REQUESTER: LABELS | OWN | MARKETS,
    Role.FINANCE: MONEY | MARKETS,
    Role.ADMIN: LABELS | OWN | MONEY | MARKETS | ADMINS,
}
MAY_ADD = {
    Role.REVIEWER: set(),
    Role.REQUESTER: {
        "datasets.Dataset",
        "campaigns.Campaign",
        "workforce.Worker",
        "workforce.Group",
        "workforce.Invitation",
        "turkapi.AccessKey",
    },
    Role.FINANCE: {"ledger.Entry", "ledger.Closing", "payments.PayoutBatch", "payments.Obligation"},
}
MAY_ADD[Role.ADMIN] = MAY_ADD[Role.REQUESTER] | MAY_ADD[Role.FINANCE] | {
    "members.Token", "notices.Endpoint", "members.Membership", "members.Terms", "payments.PayoutPolicy",
    "campaigns.PayPolicy", "quality.RejectionPolicy",
}  # fmt: skip
# Nothing in them belongs to anybody: only that something is done by the clock, and when.
OF_NOBODY = {"pipeline.Schedule"}


def own_pages_of_row(house: House, label: str) -> list[str]:
    """Return the addresses of all pages of a row: its form, history, deletion and every button's."""
    model = registered()[label]
    row = house.rows[label]
    names = {
        pattern.name
        for pattern in admin.site.get_model_admin(model).get_urls()
        if isinstance(pattern, URLPattern) and pattern.name and "object_id" in str(pattern.pattern)
    }
    return [reverse(f"admin:{name}", args=[row.pk]) for name in sorted(names)]


def test_the_house_has_a_row_of_every_registered_model():
    assert set(house().rows) == set(registered())


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_the_lists_it_may_and_no_other(role):
    mine = house()
    browser = client_of(mine.organization, role)

    statuses = {label: browser.get(page(model)).status_code for label, model in registered().items()}

    # The list of items is the dataset's: its address leads there.
    assert {label for label, status in statuses.items() if status in (200, 302)} == MAY_VIEW[role]
    assert {label for label, status in statuses.items() if status == 403} == set(registered()) - MAY_VIEW[role]


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_the_rows_it_may_and_no_other(role):
    mine = house()
    browser = client_of(mine.organization, role)

    statuses = {label: browser.get(page(row, "change")).status_code for label, row in mine.rows.items()}

    assert {label for label, status in statuses.items() if status == 200} == MAY_VIEW[role]
    # Django leads away from a row that can't be seen, and says there is none; both give nothing.
    assert all(status in (302, 403, 404) for label, status in statuses.items() if label not in MAY_VIEW[role])


@pytest.mark.parametrize("role", Role)
def test_a_role_adds_what_it_may_and_nothing_else(role):
    mine = house()
    browser = client_of(mine.organization, role)

    added = {label for label, model in registered().items() if browser.get(page(model, "add")).status_code == 200}

    assert added == MAY_ADD[role]


@pytest.mark.parametrize("role", Role)
def test_no_page_of_another_organizations_row_can_be_opened(role):
    theirs = house()
    mine = OrganizationFactory()
    browser = client_of(mine, role)

    for label in set(registered()) - OF_NOBODY:
        for address in own_pages_of_row(theirs, label):
            for response in (browser.get(address), browser.post(address, {"post": "yes"})):
                # Django's own form leads to the overview where there is no such row for the user.
                gone = response.status_code in (403, 404) or (
                    response.status_code == 302 and response["Location"] == reverse("admin:index")
                )
                assert gone, f"{address} answered {response.status_code} to {role}"


def test_lists_hold_only_rows_of_ones_own_organizations():
    mine, theirs = house(), house()
    request = RequestFactory().get("/")
    request.user = member(mine.organization, Role.ADMIN)

    for label in set(registered()) - OF_NOBODY:
        shown = admin.site.get_model_admin(registered()[label]).get_queryset(request)

        assert shown.filter(pk=mine.rows[label].pk).exists(), label
        assert not shown.filter(pk=theirs.rows[label].pk).exists(), label


def test_every_page_of_every_row_opens_for_an_admin_of_its_organization():
    mine = house()
    browser = client_of(mine.organization, Role.ADMIN)

    for label in registered():
        for address in own_pages_of_row(mine, label):
            response = browser.get(address)
            list(response)  # a report is a file, closed at its end
            # What nobody deletes or changes has no such page, even for an admin.
            assert response.status_code in (200, 302, 403), address
    for label, row in mine.rows.items():
        for verb in buttons(label):
            response = browser.get(page(row, verb))
            list(response)
            # A button may lead to another page; one that is not offered for the row opens nothing.
            offered = admin.site.get_model_admin(registered()[label]).offers(response.wsgi_request, row, verb)
            assert response.status_code in ((200, 302) if offered else (200, 302, 403)), f"{label} {verb}"


def test_a_button_that_changes_something_is_refused_to_who_may_only_look():
    mine = house()
    browser = client_of(mine.organization, Role.REVIEWER)
    campaign = mine.rows["campaigns.Campaign"]

    for verb in ("pause", "stop", "top_up", "clone", "publish_guidelines", "add_gold", "labels", "to_yaml", "report"):
        response = browser.post(page(campaign, verb), {})

        assert response.status_code == 403, verb
    campaign.refresh_from_db()
    assert campaign.state == "running"


def test_someone_with_two_roles_in_two_organizations_has_each_only_where_it_is():
    here, there = house(), house()
    user = member(here.organization, Role.FINANCE)
    browser = client(user)
    user.memberships.create(organization=there.organization, role=Role.REQUESTER)

    assert browser.get(page(there.rows["campaigns.Campaign"], "change")).status_code == 200
    assert browser.get(page(here.rows["campaigns.Campaign"], "change")).status_code == 302
    assert browser.get(page(here.rows["payments.Payout"], "change")).status_code == 200
    assert browser.get(page(there.rows["payments.Payout"], "change")).status_code == 302


def test_a_superuser_without_a_membership_is_not_let_in():
    browser = client(UserFactory(is_staff=True, is_superuser=True))

    assert browser.get(reverse("admin:index"), follow=True).status_code == 403


def test_a_superuser_sees_no_more_than_the_role_lets():
    theirs = house()
    browser = client(member(OrganizationFactory(), Role.REQUESTER, is_superuser=True))

    assert browser.get(page(theirs.rows["datasets.Dataset"], "change")).status_code == 302
    assert browser.get(page(registered()["payments.Payout"])).status_code == 403


def test_a_worker_without_a_role_is_not_let_in():
    browser = client(UserFactory())

    assert browser.get(reverse("admin:index"), follow=True).status_code == 403


def test_nothing_that_other_apps_bring_is_registered():
    ours = {"members", "datasets", "campaigns", "quality", "workforce", "ledger", "payments", "channels", "pipeline",
            "turkapi", "notices"}  # fmt: skip

    assert {label.split(".")[0] for label in registered()} <= ours
