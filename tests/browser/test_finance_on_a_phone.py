"""Finance's tables on a phone: a row is a block whose lines are named, and nothing is beside what is seen."""

import pytest
from playwright.sync_api import Locator, Page, expect

from apps.ledger.models import Closing
from apps.members.models import Role
from apps.payments import services
from apps.payments.models import PayoutBatch
from tests.browser.hands import Touch
from tests.browser.test_month_end import two_to_pay
from tests.browser.working import Visit
from tests.console.house import page as address
from tests.factories import member

pytestmark = pytest.mark.django_db(transaction=True)
BEYOND = "one => one.scrollWidth - one.clientWidth"
NAMED = "one => getComputedStyle(one, '::before').content"


def at(one: Locator) -> float:
    found = one.bounding_box()
    assert found
    return found["y"]


def is_whole(page: Page) -> bool:
    """Return whether no table has more than is seen of it."""
    return page.locator(".console-wide").evaluate_all(f"all => all.every((one) => ({BEYOND})(one) === 0)") is True


def test_all_accounts_of_a_month_are_read_without_scrolling_sideways(visit: Visit):
    of = two_to_pay()
    desk = visit(user=member(of, Role.FINANCE), at=address(Closing, "add"))
    phone = visit(user=member(of, Role.FINANCE), at=address(Closing, "add"), **Touch.device)
    work = phone.get_by_role("row", name="earned by work")
    cell = work.locator("td:not(.console-spare)").first

    assert is_whole(phone)
    assert cell.evaluate(NAMED) not in ("none", '""')
    expect(work.locator("td.console-spare").first).to_be_hidden()  # an account that it did not move
    expect(phone.get_by_role("columnheader", name="outside world")).to_be_attached()
    assert desk.get_by_role("row", name="earned by work").locator("td").first.evaluate(NAMED) == "none"


def test_who_approves_reads_what_it_takes_before_where_each_is_paid(visit: Visit):
    of = two_to_pay()
    planner = member(of, Role.FINANCE, name="Fia Planner")
    batch = services.plan_payouts(of, currency="EUR", by=planner)
    page = visit(
        user=member(of, Role.FINANCE), at=address(PayoutBatch.objects.get(pk=batch.pk), "change"), **Touch.device
    )
    approve = page.locator(".finance-next").get_by_role("link", name="Approve")
    first = page.locator("td[data-name='Paid to']").first

    assert at(page.get_by_text("Fia Planner")) < at(approve)
    assert at(page.get_by_text("needed: whoever planned it")) < at(approve)
    expect(first).to_be_visible()  # it is not left out either
    assert at(approve) < at(page.locator("td[data-name='Amount']").first) < at(first)
    assert is_whole(page)
