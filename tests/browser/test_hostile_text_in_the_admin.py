"""P17, S2: what workers and requesters write is text in the admin: no page runs it, and each has a policy enforced."""

import pytest

from apps.campaigns.models import Guidelines
from apps.datasets.models import Item
from apps.members.models import Organization, Role
from apps.quality import services as quality
from apps.work import services as work
from apps.workforce.models import Worker
from tests.factories import UserFactory, member
from tests.running import answered, handed_in, running, worker_of

pytestmark = pytest.mark.django_db(transaction=True)

PWN = (
    "</script></title></textarea><script>window.__pwned=1</script><img src=x onerror=window.__pwned=1>"
    "<svg onload=window.__pwned=1>\"'><b onmouseover=window.__pwned=1>{{7*7}}${7*7}"
)
MARKDOWN = f'{PWN}\n\n[click](javascript:window.__pwned=1) ![x](x "onerror=window.__pwned=1")'


@pytest.fixture
def hostile():
    """A campaign all of whose texts mean harm, with a page that was rejected and one to be judged."""
    campaign = running(
        name=PWN[:150], items=6, page_size=2, redundancy=2,
        settings={"question": PWN, "options": [PWN[:80], "dog"]},
    )  # fmt: skip
    Organization.objects.filter(pk=campaign.organization_id).update(name=PWN[:150])
    Item.objects.filter(dataset=campaign.dataset).update(data={"text": PWN, PWN[:90]: PWN})
    Guidelines.objects.create(campaign=campaign, version=2, text=MARKDOWN)
    worker = worker_of(campaign, user=UserFactory(name=PWN[:100]))
    Worker.objects.filter(pk=worker.pk).update(name=PWN[:100])
    boss = member(campaign.organization, Role.ADMIN, name=PWN[:100])
    page = work.lease(campaign, worker=worker)
    work.submit(page.pk, worker=worker, answers=answered(page, answer="dog"))
    review = quality.review(page)
    quality.decide(review, verdict="reject", reason=PWN, by=boss)
    quality.dispute(review.assignment, worker=worker, text=PWN)
    waiting = quality.review(handed_in(campaign, answer="dog"))
    quality.combine(campaign)
    return campaign, boss, waiting


def test_p17_no_page_of_the_admin_runs_what_somebody_wrote(visit, hostile):
    """The policy is put out of the way: what is text is so by itself. That each page has one is asked besides."""
    campaign, boss, waiting = hostile
    first, *others = [
        "/admin/", "/admin/campaigns/campaign/", f"/admin/campaigns/campaign/{campaign.pk}/change/",
        f"/admin/campaigns/campaign/{campaign.pk}/quality/", f"/admin/datasets/dataset/{campaign.dataset_id}/items/",
        "/admin/campaigns/guidelines/", f"/admin/quality/review/{waiting.pk}/change/", "/admin/quality/dispute/",
        "/admin/workforce/worker/", "/admin/members/membership/", "/admin/members/trail/",
        "/admin/members/organization/",
    ]  # fmt: skip
    ran, unruled, shown = [], [], []

    page = visit(user=boss, at=first, bypass_csp=True)
    site = page.url.partition("/admin")[0]
    for path in (first, *others):
        answer = page.goto(site + path)
        assert answer.status == 200, (path, answer.status)
        ran += [path] * bool(page.evaluate("() => window.__pwned"))
        shown += [path] * ("onerror" in page.locator("body").inner_text())
        scripts = answer.headers.get("content-security-policy", "").partition("script-src")[2].partition(";")[0]
        unruled += [path] * (not scripts or "unsafe-inline" in scripts)
    report = page.request.get(f"{site}/admin/campaigns/campaign/{campaign.pk}/report/")
    page.set_content(report.text())  # a file that is kept, and opened by whoever gets it

    assert (ran, unruled) == ([], [])
    assert shown == [first, *others]
    assert page.evaluate("() => window.__pwned") is None
    assert "onerror" in page.locator("body").inner_text()
