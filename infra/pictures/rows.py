"""The rows that the pictures show: an organization, its campaigns of every kind, and a worker in all of them."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.urls import reverse

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines
from apps.channels import addresses
from apps.channels.models import Publication
from apps.core import clock
from apps.datasets.models import Dataset
from apps.members import consent
from apps.members.models import Organization, Role, User
from apps.payments import destinations
from apps.payments import services as payments
from apps.pipeline import flow, steps
from apps.quality import services as quality
from apps.work import services as work
from apps.work.models import Assignment
from apps.workforce import inviting
from apps.workforce.models import Worker
from infra.pictures import drawing
from tests.browser.working import PASSWORD
from tests.datasets.makers import imported, zipped
from tests.factories import DatasetFactory, OrganizationFactory, UserFactory, WorkerFactory, member
from tests.running import answered, deposit, running, worker_of

GUIDELINES = """\
Look at the light that **faces you**, in the middle of the picture.

## What to choose

- *Red*, *yellow* or *green*: the lamp that shines.
- *Out*: no lamp shines, or the light is covered.

## Examples

- ✓ The lamp is dim but you can tell its colour: choose the colour.
- ✓ Two lamps shine, red and yellow: choose *red*.
- ✗ The light of the side street is green: it does not face you, so it does not count.

If the picture is missing or black, report it as broken: you are paid for it.
"""
LIGHTS = {
    "question": "Which light does the traffic light show?",
    "options": [
        {"value": "red", "label": "Red"},
        {"value": "yellow", "label": "Yellow"},
        {"value": "green", "label": "Green"},
        {"value": "out", "label": "Out", "hint": "no lamp shines, or it is covered"},
    ],
}
REVIEWS = [
    "Cheap, but we waited for an hour. The soup was worth it.",
    "Lovely place by the river; the waiter forgot us twice.",
    "Never again: dear, cold and loud.",
    "The best noodles in town, and they remember my name.",
]


@dataclass
class Rows:
    """What was made: the worker's user, and pages and campaigns by name."""

    organization: Organization
    user: User
    stranger: User
    newcomer: User
    invitation: str
    invitation_of_stranger: str
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    pages: dict[str, Assignment] = field(default_factory=dict)
    more: dict[str, User] = field(default_factory=dict)

    @property
    def worker(self) -> Worker:
        return self.user.workers.get()

    @property
    def users(self) -> dict[str, User]:
        return {"user": self.user, "stranger": self.stranger, "newcomer": self.newcomer} | self.more

    def at_market(self, name: str) -> str:
        """Return where a market's frame finds a slot's page: asking, as a preview, or of an address that is over."""
        offer = self.campaigns["at a market"].publications.get()
        where = reverse("workbench:slot", args=[addresses.sign(offer.pk) if name != "over" else "over"])
        assignment = "ASSIGNMENT_ID_NOT_AVAILABLE" if name == "preview" else "3EXAMPLE7SLOT02"
        return f"{where}?assignmentId={assignment}&hitId={offer.name}&workerId=A2EXAMPLE9XL&turkSubmitTo={{market}}"

    def lease(self, name: str) -> Assignment:
        """Return a page of one of the campaigns in the worker's hands."""
        return work.lease(self.campaigns[name], worker=self.worker)


def make() -> Rows:
    """Make all of it."""
    organization = OrganizationFactory(name="Riverside Research", slug="riverside", contact="work@riverside.example")
    consent.publish(organization, text=consent.SUGGESTION)
    user = UserFactory(email="wanda@example.org", name="Wanda Okafor", time_zone="Europe/Vienna")
    user.set_password(PASSWORD)
    user.save()
    made = Rows(
        organization,
        user,
        UserFactory(email="sam@example.org", name="Sam"),
        UserFactory(email="noor@example.org", name="Noor"),
        inviting.token(inviting.invite(organization, email="new@example.org", languages=["en"])),
        inviting.token(inviting.invite(organization, email="sam@example.org", languages=["en"])),
    )
    terms = consent.newest_terms(organization)
    if terms is not None:
        consent.agree(user, terms=terms)
    made.campaigns["lights"] = _lights(organization)
    made.campaigns["suggested"] = _suggested(organization)
    made.campaigns["at a market"] = _at_a_market(made.campaigns["lights"])
    worker_of(made.campaigns["lights"], user=user, name="Wanda", languages=["en", "de"])
    _newcomer(made)
    _others(made)
    _history(made)
    _taught(made)
    page = made.lease("rating")
    made.pages["changeable"] = work.submit(page.pk, worker=made.worker, answers=answered(page, answer=2))
    return made


def _newcomer(made: Rows) -> None:
    """Somebody whose organization has no work yet, and terms that they did not agree to."""
    elsewhere = OrganizationFactory(name="Hillside Lab", slug="hillside", contact="lab@hillside.example")
    consent.publish(elsewhere, text=consent.SUGGESTION)
    WorkerFactory(organization=elsewhere, user=made.newcomer, name="Noor")


def _lights(organization: Organization) -> Campaign:
    """A campaign over pictures."""
    dataset = DatasetFactory(organization=organization, name="Crossings")
    lit = ["red", "green", "yellow", "red", "green", "out", "green", "red", "yellow", "red", "green", "red"]
    files: dict[str, bytes | str] = {f"crossing-{n}.png": drawing.crossing(name) for n, name in enumerate(lit)}
    rows = [
        f'{{"external_id": "c{n}", "picture": {{"media": "crossing-{n}.png", "alt": "A crossing"}}}}'
        for n in range(len(lit))
    ]
    bring_in(dataset, files, rows)
    campaign = _campaign(
        organization, "Traffic lights at crossings", dataset=dataset, kind="single_choice", settings=LIGHTS, price=24,
        page_size=3, senses=["sight", "colours"], languages=["en"], grace_seconds=600, redundancy=20,
    )  # fmt: skip
    Guidelines.objects.filter(campaign=campaign).update(text=GUIDELINES)
    return campaign


def _at_a_market(lights: Campaign) -> Campaign:
    """The same pictures, offered at a market."""
    campaign = _campaign(
        lights.organization, "Traffic lights, elsewhere", dataset=lights.dataset, kind="single_choice", settings=LIGHTS,
        price=24, page_size=3, redundancy=2, channel="mturk",
    )  # fmt: skip
    Guidelines.objects.filter(campaign=campaign).update(text=GUIDELINES)
    now = clock.now()
    Publication.objects.create(
        campaign=campaign, channel="mturk", state="live", asked=8, slots=8, reward=24, fee=5, lease_seconds=3600,
        name="3EXAMPLE7HIT02", offered_at=now, expires_at=now + timedelta(days=7),
    )  # fmt: skip
    return campaign


def _suggested(organization: Organization) -> Campaign:
    """A campaign in which answers begin with what a model suggests."""
    campaign = _campaign(
        organization, "What reviews talk about, checked", kind="single_choice", price=20, page_size=3, redundancy=20,
        settings={"question": "What is the review about most of all?", "options": ["price", "taste", "service"]},
        items=3, show=["review"], suggestion_field="guess", suggested_to="workers", suggestion_withheld=0.0,
        data={"guess": "price"},
    )  # fmt: skip
    items = zip(campaign.dataset.items.order_by("pk"), REVIEWS, ("price", "service", "taste"), strict=False)
    for item, text, guess in items:
        item.data = {"review": text, "guess": guess}
        item.save()
    return campaign


def bring_in(dataset: Dataset, files: dict[str, bytes | str], rows: list[str]) -> None:
    with TemporaryDirectory() as folder:
        job = imported(zipped(Path(folder), files | {"items.jsonl": "\n".join(rows)}), dataset)
    if job.rows_bad:
        raise RuntimeError(f"{list(job.bad_rows.values_list('reason', flat=True))}")


def _campaign(organization: Organization, name: str, *, dataset: Dataset | None = None, **values: Any) -> Campaign:
    dataset = dataset or DatasetFactory(organization=organization, name=name)
    has_items = dataset.items.exists()
    return running(dataset=dataset, name=name, items=0 if has_items else values.pop("items", 6), **values)


def _others(made: Rows) -> None:
    """One campaign of each other kind, and those that are not open."""
    simple: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
        "multiple_choice": (
            "What reviews talk about",
            {
                "question": "What does the review talk about?",
                "options": ["price", "taste", {"value": "service", "label": "Service", "hint": "waiters, waiting"},
                            "place"],
                "least": 0, "most": 3,
            },
            [{"review": text} for text in REVIEWS],
        ),
        "rating": (
            "How words feel",
            {"question": "How does this word feel?", "lowest": -3, "highest": 3,
             "labels": {"-3": "very negative", "0": "neutral", "3": "very positive"}},
            [{"word": word} for word in ("catastrophe", "holiday", "table", "rain")],
        ),
        "pairwise": (
            "Which summary is better",
            {"question": "Which summary is better?", "left": "summary_a", "right": "summary_b", "tie": True},
            [{"article": "A fox was seen in the city park at noon. Rangers ask visitors to keep dogs on a lead.",
              "summary_a": "Fox seen in the park: keep dogs on a lead.", "summary_b": "A park has rangers."}] * 4,
        ),
        "number": (
            "Lengths of fish",
            {"question": "How long is the fish?", "least": 0, "most": 250, "decimals": 1, "unit": "cm"},
            [{"note": "A trout from the mouth at mark 12 to the tail at mark 47."}] * 4,
        ),
        "free_text": (
            "Short transcripts",
            {"question": "Write down what is said.", "longest": 200, "lines": 2, "language": "en"},
            [{"hint": "Two people greet each other."}] * 4,
        ),
    }  # fmt: skip
    for kind, (name, settings, data) in simple.items():
        campaign = _campaign(
            made.organization, name, kind=kind, settings=settings, items=len(data), price=20, page_size=2,
            redundancy=20, grace_seconds=600,
        )  # fmt: skip
        for item, values in zip(campaign.dataset.items.order_by("pk"), data, strict=True):
            item.data = values
            item.save()
        made.campaigns[kind] = campaign
    made.campaigns["warned"] = _campaign(
        made.organization, "Photographs from emergency rooms", kind="single_choice", settings=LIGHTS, price=40,
        page_size=2, redundancy=20, content_warning="Wounds and blood, as doctors see them.",
        dataset=_bowls(made.organization),
    )  # fmt: skip
    made.campaigns["closed"] = _campaign(
        made.organization, "Rare birds", qualifications=["birds"], price=60, page_size=5
    )
    made.campaigns["test"] = _campaign(
        made.organization, "Do you know birds?", purpose="test", grants="birds", items=3, gold=3, page_size=3, price=0
    )


def _bowls(organization: Organization) -> Dataset:
    dataset = DatasetFactory(organization=organization, name="Emergency rooms")
    files: dict[str, bytes | str] = {"a.png": drawing.bowl((170, 40, 40)), "b.png": drawing.bowl((60, 90, 160))}
    files["melody.wav"] = drawing.melody()
    rows = [
        f'{{"external_id": "{name}", "picture": {{"media": "{name}.png", "alt": "A photograph"}}, '
        f'"sound": {{"media": "melody.wav", "alt": "A monitor beeps"}}}}'
        for name in ("a", "b")
    ]
    bring_in(dataset, files, rows)
    return dataset


def _history(made: Rows) -> None:
    """Pages of the past: paid, approved, handed in, rejected, disputed, given back, expired."""
    campaign = _campaign(
        made.organization, "Street signs", kind="single_choice", items=60, page_size=5, price=35, redundancy=1
    )
    made.campaigns["signs"] = campaign
    reviewer = member(made.organization, Role.REVIEWER)
    fate = ["paid", "approved", "approved", "rejected", "disputed", "returned", "expired", "submitted"]
    for n, name in enumerate(fate):
        page = work.lease(campaign, worker=made.worker)
        if name == "returned":
            page = work.give_back(page.pk, worker=made.worker)
        elif name == "expired":
            Assignment.objects.filter(pk=page.pk).update(expires_at=clock.now() - timedelta(minutes=1))
            page.refresh_from_db()
            work.expire(page)
        else:
            work.submit(page.pk, worker=made.worker, answers=answered(page), active_seconds=61.0 + 7 * n)
        page.refresh_from_db()
        if name in ("paid", "approved"):
            steps.settle(page.pk)
        elif name in ("rejected", "disputed"):
            _reject(page, reviewer)
        Assignment.objects.filter(pk=page.pk).update(
            leased_at=clock.now() - timedelta(days=6 - n // 2, minutes=5),
            submitted_at=clock.now() - timedelta(days=6 - n // 2) if page.submitted_at else None,
            active_seconds=61.0 + 7 * n if page.submitted_at else None,
        )
        page.refresh_from_db()
        made.pages[name] = page
        if name == "paid":
            _pay(made)
    quality.dispute(made.pages["disputed"], worker=made.worker, text="The third sign is covered by a tree: see it.")
    deposit(campaign, 1_000)
    payments.pay_bonus(
        made.worker, amount=250, currency="USD", reason="For careful notes on covered signs", reference="bonus 1",
        campaign=campaign, by=member(made.organization, Role.FINANCE),
    )  # fmt: skip


def _reject(page: Assignment, reviewer: User) -> None:
    review = quality.review(page)
    if review.verdict:  # the rule pays what it has no doubt about
        Assignment.objects.filter(pk=page.pk).update(state="submitted", decided_at=None, held=page.pay)
        type(review).objects.filter(pk=review.pk).update(verdict="", decided_at=None)
        review.refresh_from_db()
    quality.decide(
        review, verdict="reject", reason="Every sign was called a cat, also those that show a dog.", by=reviewer
    )


def _pay(made: Rows) -> None:
    """Pay what is owed by now."""
    finance = member(made.organization, Role.FINANCE)
    payments.set_own_payout_method(
        made.user, method=destinations.bank_account(name="Wanda Okafor", iban="AT61 1904 3002 3457 3201")
    )
    batch = payments.plan_payouts(made.organization, currency="USD", by=finance)
    if batch is None:
        raise RuntimeError("nothing is owed that could be paid")
    payments.approve_batch(batch, by=member(made.organization, Role.FINANCE))
    payments.begin_all(batch, by=finance)
    payments.confirm_all(batch, receipt="transfer 2041", by=finance)


def _taught(made: Rows) -> None:
    """A training to be done, and a page of work with a question that teaches, answered wrongly."""
    reason = "It has whiskers and a long tail: a cat. Dogs' tails are shorter."
    training = _campaign(
        made.organization, "Training: animals", purpose="training", items=3, gold=3, page_size=3, price=0,
        grants="animals",
    )  # fmt: skip
    teaching = _campaign(
        made.organization, "Animals on posters", items=6, gold=2, page_size=3, price=15, gold_share=0.5, early_gold=5,
        redundancy=20,
    )  # fmt: skip
    for campaign in (training, teaching):
        GoldQuestion.objects.filter(campaign=campaign).update(teaching=True, reason=reason)
    made.campaigns |= {"training": training, "teaching": teaching}
    page = work.lease(teaching, worker=made.worker)
    flow.submit(page.pk, worker=made.worker, answers=answered(page, answer="dog"), active_seconds=40.0)
    steps.settle(page.pk)
    page.refresh_from_db()
    made.pages["taught"] = page
