"""The next question is there before any network could have brought it."""

from statistics import median

import pytest

from tests.browser.pace import WATCH, next_page_after
from tests.browser.working import Visit, has_page_ahead, person, sees
from tests.running import running

pytestmark = pytest.mark.django_db(transaction=True)
LATENCY = 600  # milliseconds; make bench-worker-page measures closely


def test_the_next_question_does_not_wait_for_the_network(visit: Visit):
    campaign = running(items=6, page_size=1)
    page = visit(user=person(campaign), at=f"/work/{campaign.pk}/")
    page.context.add_init_script(WATCH)
    page.get_by_role("button", name="Start").click()
    sees(page, "0 of 1 done")
    conditions = {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)

    waits = []
    for _ in range(3):
        sees(page, "0 of 1 done")
        has_page_ahead(page)
        page.keyboard.press("1")
        waits.append(next_page_after(page, "Enter"))

    assert median(waits) < LATENCY / 2
