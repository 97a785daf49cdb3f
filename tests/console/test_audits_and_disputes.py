"""Quality, audits and disputes in the admin: evidence, an expert's own answers, and a second person's decision."""

import re

import pytest
from django.urls import reverse

from apps.members.models import Role
from apps.payments.models import Obligation
from apps.quality import services as quality
from apps.quality.models import Audit, AuditedTask, Dispute
from apps.work.models import Assignment
from tests.console.house import client_of, page
from tests.factories import UserFactory
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def labelled():
    campaign = running(items=12, page_size=12, redundancy=2, price=120)
    for _ in range(2):
        handed_in(campaign)
    quality.combine(campaign)
    return campaign


def drawn(campaign) -> Audit:
    return quality.draw_audit(campaign, size=10)


def judging(audit) -> str:
    return reverse("admin:quality_audit_judge", args=[audit.pk])


def disputed() -> Dispute:
    paper = handed_in(running(redundancy=1, price=50))
    quality.decide(quality.review(paper), verdict="reject", reason="cats are not dogs", by=UserFactory())
    return quality.dispute(Assignment.objects.get(pk=paper.pk), worker=paper.worker, text="They are <cats>.")


def test_the_quality_page_tells_and_draws_an_audit():
    campaign = labelled()
    browser = client_of(campaign.organization, Role.REQUESTER)

    shown = browser.get(page(campaign, "quality")).content.decode()
    response = browser.post(page(campaign, "quality"), {"size": 10})

    assert "Do workers agree?" in shown
    assert "<h3>All workers</h3>" in shown
    assert "Not calibrated: no round of audits is judged to its end" in shown
    audit = Audit.objects.get()
    assert response["Location"] == reverse("admin:quality_audit_change", args=[audit.pk])
    assert audit.tasks.count() == 10


def test_what_can_not_be_compared_is_said_where_nobody_is_suspected():
    campaign = running(kind="free_text", settings={"question": "What is said?"}, items=6, page_size=6, redundancy=2)
    for text in ("a red bird", "a red house"):
        handed_in(campaign, answer=text)
    quality.combine(campaign)

    shown = client_of(campaign.organization, Role.REQUESTER).get(page(campaign, "quality")).content.decode()

    assert "no worker’s are compared with the others’ here" in shown
    assert "Nobody’s answers are unlikely" not in shown
    assert "share an error can’t be tested" in shown


def test_too_large_an_audit_is_refused_with_a_sentence():
    campaign = labelled()

    shown = client_of(campaign.organization, Role.REQUESTER).post(page(campaign, "quality"), {"size": 13})

    assert "fewer than 13" in shown.content.decode()
    assert not Audit.objects.exists()


def test_an_expert_answers_blind_and_sees_both_only_where_they_differ():
    campaign = labelled()
    audit = drawn(campaign)
    browser = client_of(campaign.organization, Role.REVIEWER)

    blind = browser.get(judging(audit)).content.decode()
    agreed = browser.post(judging(audit), {"answer.value": "cat"})
    differed = browser.post(judging(audit), {"answer.value": "dog"})

    assert "Which animal is it?" in blind
    assert "The label holds" not in blind
    assert agreed["Location"] == judging(audit)
    right = audit.tasks.filter(right__isnull=False).order_by("pk").values_list("right", flat=True)
    assert list(right) == [True, False]
    both = browser.get(differed["Location"]).content.decode()
    assert "The label holds" in both
    assert "cat" in both


def test_a_label_that_holds_after_all_is_kept_with_a_note():
    campaign = labelled()
    audit = drawn(campaign)
    one = quality.judge(audit.tasks.first(), truth="dog", by=UserFactory())
    browser = client_of(campaign.organization, Role.REVIEWER)

    browser.post(f"{judging(audit)}?task={one.pk}", {"right": "yes", "note": "A catdog."})

    kept = AuditedTask.objects.get(pk=one.pk)
    assert (kept.right, kept.note) == (True, "A catdog.")


def main_action(audit: Audit, role: Role) -> tuple[str, str]:
    """Return where the one main button of a round's page leads, and what stands on it."""
    shown = client_of(audit.campaign.organization, role).get(page(audit, "change")).content.decode()
    [(address, words)] = re.findall(r'class="console-button main" href="([^"]*)">([^<]*)<', shown)
    return address, words


def test_a_rounds_page_has_one_main_action_which_is_what_comes_next():
    campaign = labelled()
    audit = drawn(campaign)
    quality_page = page(campaign, "quality")

    assert main_action(audit, Role.ADMIN) == (judging(audit), "Judge the first label")
    one = audit.tasks.order_by("pk").first()
    quality.judge(one, truth="cat", by=UserFactory())
    assert main_action(audit, Role.ADMIN) == (judging(audit), "Judge the next label")
    assert main_action(audit, Role.REQUESTER) == (quality_page, "Quality of the campaign")
    for other in audit.tasks.filter(right=None):
        quality.judge(other, truth="cat", by=UserFactory())
    assert main_action(audit, Role.ADMIN) == (f"{quality_page}#draw", "Draw the next round")


def test_who_may_only_draw_does_not_judge():
    campaign = labelled()
    audit = drawn(campaign)

    assert client_of(campaign.organization, Role.REQUESTER).get(judging(audit)).status_code == 403


def test_a_dispute_shows_both_sides_and_a_second_person_pays_the_page():
    dispute = disputed()
    browser = client_of(dispute.assignment.organization, Role.REVIEWER)

    shown = browser.get(page(dispute, "change")).content.decode()
    browser.post(page(dispute, "change"), {"outcome": "overturned", "reason": "Cats they are."})

    assert "They are &lt;cats&gt;." in shown
    assert "cats are not dogs" in shown
    assert Obligation.objects.get().assignment_id == dispute.assignment_id
    assert Dispute.objects.get().reason == "Cats they are."


def test_who_rejected_the_page_is_told_that_somebody_else_decides():
    dispute = disputed()
    organization = dispute.assignment.organization
    browser = client_of(organization, Role.REVIEWER)
    Dispute.objects.update(rejected_by=browser.session["_auth_user_id"])

    shown = browser.get(page(dispute, "change")).content.decode()
    browser.post(page(dispute, "change"), {"outcome": "upheld", "reason": "No."})

    assert "somebody else has to decide" in shown
    assert Dispute.objects.get().outcome == ""
