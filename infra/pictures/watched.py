"""What requesters' pages show: a campaign that a crowd works in, one in its pilot, drafts, and people of every role."""

import random
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count

from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign
from apps.campaigns.spec import Gold
from apps.core import clock
from apps.datasets.models import Dataset
from apps.ledger import services as ledger
from apps.members import consent
from apps.members.models import Organization, Role, User
from apps.pipeline import flow, steps
from apps.quality import services as quality
from apps.quality.models import Audit, AuditedTask, Consensus, Dispute, Review
from apps.work import services as work
from apps.work.models import Assignment, Task
from apps.workforce import inviting, linking
from apps.workforce.models import Trace, Worker
from infra.pictures import drawing
from infra.pictures.rows import GUIDELINES, LIGHTS, bring_in
from tests.factories import CampaignFactory, DatasetFactory, OrganizationFactory, UserFactory, member
from tests.running import worker_of

NAMES = (
    "Amara Diallo", "Bruno Keller", "Chidi Eze", "Dana Novak", "Elif Aydin", "Farid Rahimi", "Grace Lin", "Hugo Sala",
)  # fmt: skip
LIT = ("red", "green", "yellow", "red", "green", "out", "green", "red")
ITEMS, GOLD = 84, 12
BROKEN = 21  # the item that nobody can see
CURRENCY = "EUR"
PEOPLE = {
    Role.REQUESTER: "Rita Moreau", Role.REVIEWER: "Ravi Nair", Role.FINANCE: "Finn Adler", Role.ADMIN: "Olga Berg",
}  # fmt: skip


@dataclass
class Watched:
    """What the pictures' addresses need; `people` by their roles."""

    organization: Organization
    people: dict[str, User]
    workers: list[Worker]
    campaign: Campaign
    piloted: Campaign
    drafted: Campaign
    begun: Campaign
    doubted: Task
    review: Review
    dispute: Dispute
    audit: Audit


class Crowd:
    """Workers who are mostly right, and a last one who is always wrong."""

    def __init__(self, campaign: Campaign, workers: list[Worker]) -> None:
        self.campaign, self.workers = campaign, workers
        self.rng = random.Random(7)
        self.minutes = 300  # ago

    def work(self, *, pages: int) -> None:
        """Have each do so many pages, one after the other, and let the belt settle them."""
        for _ in range(pages):
            for worker in self.workers:
                page = work.lease(self.campaign, worker=worker)
                careless = worker == self.workers[-1]
                took = self.rng.uniform(4, 9) if careless else self.rng.uniform(22, 70)
                self.minutes -= 5
                at = clock.now() - timedelta(minutes=self.minutes)
                begun = clock.now() - timedelta(seconds=took)
                Assignment.objects.filter(pk=page.pk).update(leased_at=begun, shown_at=begun)
                flow.submit(page.pk, worker=worker, answers=self._answers(page, careless), active_seconds=took)
                Assignment.objects.filter(pk=page.pk).update(leased_at=at - timedelta(seconds=took), submitted_at=at)
                steps.settle(page.pk)
        quality.combine(self.campaign, whole=True)

    def _answers(self, page: Assignment, careless: bool) -> dict[str, dict[str, object]]:
        said: dict[str, dict[str, object]] = {}
        for place in page.places.select_related("task__item").order_by("position"):
            number = int(place.task.item.external_id[1:])
            right = LIT[number % len(LIT)]
            wrong = self.rng.choice([one for one in LIT if one != right])
            mistaken = careless or self.rng.random() < 0.1
            said[place.token.hex] = {"answer": wrong if mistaken else right}
            if number == BROKEN:
                said[place.token.hex] = {"broken": "The picture is black."}
        return said


def make() -> Watched:
    """Make all of it, in an organization of its own."""
    organization = OrganizationFactory(name="Harbour Vision Lab", slug="harbour", contact="lab@harbour.example")
    people = {
        role.value: member(organization, role, name=name, email=f"{role.value}@harbour.example")
        for role, name in PEOPLE.items()
    }
    rita, boss = people["requester"], people["admin"]
    ledger.deposit(organization, amount=250_000, currency=CURRENCY, reference="Transfer 2026-118", by=boss)
    consent.publish(organization, text=consent.SUGGESTION, by=boss)
    inviting.invite(organization, email="inga@example.org", languages=["en", "pt"], by=boss)
    quality.set_rejection_limit(organization, currency=CURRENCY, second_person_from=500, by=boss)
    dataset = _crossings(organization)
    campaign = _launched(dataset, rita, name="Traffic lights at crossings", page_size=4, price=60)
    workers = [_worker(campaign, name) for name in NAMES]
    for one in workers[5:7]:
        linking.note(one, kind=Trace.Kind.DEVICE, value="one browser")
    Crowd(campaign, workers).work(pages=4)
    piloted = _launched(dataset, rita, name="Traffic lights in the rain", page_size=4, price=48, pilot_items=12)
    Crowd(piloted, workers[:3]).work(pages=2)
    disputed = Consensus.objects.annotate(said=Count("task__judgments__answer", distinct=True)).filter(said__gt=1)
    doubted = disputed.filter(campaign=campaign, task__gold=False, votes=3).earliest("confidence").task
    hard = Consensus.objects.filter(campaign=campaign, task__gold=False).exclude(task=doubted).earliest("confidence")
    flow.adjudicate(hard.task, answer="yellow", note="The upper lamp is a reflection.", by=people["reviewer"])
    review, dispute = _reviews(campaign, people)
    drafted = campaigns.clone(campaign, name="Traffic lights at night", by=rita)
    campaigns.amend(drafted, values={"broken_after": 2}, by=rita)  # so that a report costs besides
    campaigns.note_trial(drafted, seconds=38.4)
    return Watched(
        organization, people, workers, campaign, piloted,
        drafted=drafted,
        begun=campaigns.begin(dataset, name="Which way the road turns", kind="single_choice", by=rita),
        doubted=doubted, review=review, dispute=dispute, audit=_audit(campaign, people["reviewer"]),
    )  # fmt: skip


def _crossings(organization: Organization) -> Dataset:
    dataset = DatasetFactory(organization=organization, name="Crossings in Porto")
    files: dict[str, bytes | str] = {f"{lit}.png": drawing.crossing(lit) for lit in set(LIT)}
    rows = [
        f'{{"external_id": "c{n}", "picture": {{"media": "{LIT[n % len(LIT)]}.png", "alt": "A crossing"}},'
        f' "guess": "{_guess(n)}"}}'
        for n in range(ITEMS)
    ]
    bring_in(dataset, files, rows)
    return dataset


def _guess(number: int) -> str:
    """Return what a model says of an item: it errs at every fifth."""
    return LIT[(number + (number % 5 == 2)) % len(LIT)]


def _launched(dataset: Dataset, by: User, **values: object) -> Campaign:
    """Return a campaign over the pictures, with known answers, that is open."""
    campaign = CampaignFactory(
        dataset=dataset, settings=LIGHTS, show=["picture"], currency=CURRENCY, budget=4_800, redundancy=3,
        gold_share=0.2, early_gold=2, broken_after=1, least_gold_answers=2, senses=["sight", "colours"],
        created_by=by, suggestion_field="guess", suggestion_model="lights-2", suggested_to="workers",
        suggestion_withheld=0.4, **values,
    )  # fmt: skip
    campaigns.publish_guidelines(campaign, text=GUIDELINES, by=by)
    known = [Gold(f"c{n}", [LIT[n % len(LIT)]], reason="The lamp that shines faces you.") for n in range(GOLD)]
    campaigns.add_gold(campaign, rows=known)
    campaigns.launch(campaign, by=by)
    while work.split(campaign):
        pass
    campaigns.run(campaign)
    campaign.refresh_from_db()
    return campaign


def _worker(campaign: Campaign, name: str) -> Worker:
    user = UserFactory(email=f"{name.split()[0].lower()}@example.org", name=name)
    terms = consent.newest_terms(campaign.organization)
    if terms is not None:
        consent.agree(user, terms=terms)
    return worker_of(campaign, user=user, name=name, languages=["en"])


def _reviews(campaign: Campaign, people: dict[str, User]) -> tuple[Review, Dispute]:
    """Of the pages that wait for a person, reject one, which is disputed; return another one."""
    waiting = list(Review.objects.filter(assignment__campaign=campaign, verdict="").order_by("pk"))
    rejected, *left = waiting
    quality.decide(
        rejected, verdict=Review.Verdict.REJECT, by=people["reviewer"],
        reason="Three lights whose answer is known are wrong, each answered within a second.",
    )  # fmt: skip
    page = rejected.assignment
    dispute = quality.dispute(page, worker=page.worker, text="My screen was very dark. Please look at c5 again.")
    return left[0], dispute


def _audit(campaign: Campaign, by: User) -> Audit:
    """Audit two rounds to their end, then draw a third and judge it until a label does not hold."""
    for _ in range(2):
        audit = quality.draw_audit(campaign, size=15, by=by)
        for one in audit.tasks.order_by("pk"):
            _judge(one, by)
        quality.combine(campaign, whole=True)
    audit = quality.draw_audit(campaign, size=10, by=by)
    for one in audit.tasks.order_by("pk")[:9]:
        if not _judge(one, by).right:
            break
    return audit


def _judge(one: AuditedTask, by: User) -> AuditedTask:
    return quality.judge(one, truth=LIT[int(one.task.item.external_id[1:]) % len(LIT)], by=by)
