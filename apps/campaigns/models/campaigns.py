"""What is asked, of how many, at what price."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.datasets.models import Dataset
from apps.members.models import Organization, User
from apps.workforce.models import Channel

FEW_REPORTS = 3  # of broken items that a worker makes beside the share, before a person looks
EARLY_PLACES = 10  # a worker's first, among which `early_gold` questions have known answers


class Campaign(Stateful):
    """One launch of work over a dataset."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        LAUNCHING = "launching", _("launching")  # funded; tasks are being made
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")  # no new pages; pages in hand may be finished
        STOPPING = "stopping", _("stopping")  # for good, as soon as pages in hand are settled
        STOPPED = "stopped", _("stopped")
        COMPLETED = "completed", _("completed")

    MOVES: ClassVar[Moves] = {
        State.LAUNCHING: frozenset({State.DRAFT}),
        State.RUNNING: frozenset({State.LAUNCHING, State.PAUSED, State.COMPLETED}),
        State.PAUSED: frozenset({State.RUNNING}),
        State.STOPPING: frozenset({State.LAUNCHING, State.RUNNING, State.PAUSED}),
        State.STOPPED: frozenset({State.STOPPING}),
        State.COMPLETED: frozenset({State.RUNNING}),
    }

    class Review(models.TextChoices):
        RULE = "rule", _("by rule: paid at once, unless known answers were missed")
        PERSON = "person", _("by a person: paid when nobody has decided in time")

    class WhenGoldIsUsedUp(models.TextChoices):
        STOP = "stop", _("the worker gets no more pages")
        UNSCORED = "unscored", _("the worker goes on, unscored")

    class Purpose(models.TextChoices):
        WORK = "work", _("work")
        TRAINING = "training", _("training")  # hints until every answer is right
        TEST = "test", _("test")  # may grant a qualification

    class Sense(models.TextChoices):
        SIGHT = "sight", _("sight")
        COLOURS = "colours", _("telling colours apart")
        HEARING = "hearing", _("hearing")

    class SuggestedTo(models.TextChoices):
        NOBODY = "nobody", _("nobody")
        REVIEWERS = "reviewers", _("reviewers: beside the answers, after they were given")
        WORKERS = "workers", _("workers too: their answer begins with it, marked as a machine's")

    class Method(models.TextChoices):
        DAWID_SKENE = "dawid_skene", _("Dawid-Skene")
        ENSEMBLE = "ensemble", _("the mean of four models")
        MAJORITY = "majority", _("majority")

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="campaigns")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=150)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    channel = models.CharField(max_length=16, choices=Channel.choices, default=Channel.INTERNAL)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.WORK)

    kind = models.CharField(max_length=40, help_text=_("What is answered: a folder of apps/kinds."))
    settings = models.JSONField(default=dict, help_text=_("The kind's settings: question, options, scale."))
    show = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text=_("Fields of an item that workers see, in order; none named means all."),
    )

    language = models.CharField(
        max_length=35,
        blank=True,
        default="",
        db_default="",  # for who makes campaigns in the version before, while this one is coming
        help_text=_("Of the question, the guidelines and the items, as a tag."),
    )

    redundancy = models.PositiveSmallIntegerField(default=3, help_text=_("Judgments wanted for each item."))
    redundancy_max = models.PositiveSmallIntegerField(
        _("most judgments"),
        null=True,
        blank=True,
        help_text=_("Doubtful items are judged again, up to so often; empty means never more than the redundancy."),
    )
    target_confidence = models.FloatField(
        default=0.98, help_text=_("Confidence from which an item is not judged again, if there are most judgments.")
    )
    page_size = models.PositiveSmallIntegerField(default=5, help_text=_("Tasks on a page."))
    price = models.BigIntegerField(default=0, help_text=_("For a full page, in minor units."))
    pay_tiers = models.JSONField(
        default=list,
        blank=True,
        help_text=_("What a full page pays from a proven skill on: [{skill, price}], in minor units."),
    )
    currency = models.CharField(max_length=3, default="USD")
    budget = models.BigIntegerField(default=0, help_text=_("Never spent beyond, in minor units."))
    lease_seconds = models.PositiveIntegerField(default=1800, help_text=_("How long a worker may keep a page."))

    gold_share = models.FloatField(default=0.1, help_text=_("Share of places that ask a question with a known answer."))
    early_gold = models.PositiveSmallIntegerField(
        default=2, help_text=_("Gold questions within a worker's first ten places.")
    )
    when_gold_is_used_up = models.CharField(
        max_length=16, choices=WhenGoldIsUsedUp.choices, default=WhenGoldIsUsedUp.UNSCORED
    )
    least_gold_accuracy = models.FloatField(
        default=0.5, help_text=_("A page is put up for rejection when the worker's gold accuracy falls below this.")
    )
    least_gold_answers = models.PositiveSmallIntegerField(
        default=4, help_text=_("…but not before so many gold questions were answered.")
    )
    approve_after_seconds = models.PositiveIntegerField(
        default=3 * 86400, help_text=_("A page put up for rejection is paid if nobody decides by then.")
    )
    grace_seconds = models.PositiveIntegerField(
        default=600, help_text=_("How long a worker may change a page that was handed in; nobody judges it before.")
    )
    broken_after = models.PositiveSmallIntegerField(default=2, help_text=_("Reports that take a task out of the work."))
    most_reported = models.FloatField(
        default=0.2,
        db_default=0.2,
        help_text=_(
            "A page with reports is put before a person when a worker reported more than this share of places."
        ),
    )
    review = models.CharField(max_length=8, choices=Review.choices, default=Review.RULE)
    open_ended = models.BooleanField(
        default=False, help_text=_("Each task brings its own money and end; without tasks it waits for more.")
    )
    requirements = models.JSONField(
        default=list, blank=True, help_text=_("Of workers' qualifications: [{name, comparator, values}], all of them.")
    )
    method = models.CharField(max_length=40, choices=Method.choices, default=Method.DAWID_SKENE)

    groups = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, help_text=_("Worker groups; none means all.")
    )
    languages = ArrayField(
        models.CharField(max_length=16),
        default=list,
        blank=True,
        help_text=_("The worker speaks one of them; none means any."),
    )
    least_skill = models.FloatField(null=True, blank=True, help_text=_("Lowest skill in `skill_scope` that may work."))
    skill_scope = models.CharField(
        max_length=80, blank=True, help_text=_("Whose skill counts, as in campaign:…; empty means this campaign's.")
    )
    most_pages = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Pages one worker may hand in; none means no cap.")
    )

    qualifications = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text=_("What workers must have been granted, all of it; none means nothing."),
    )
    senses = ArrayField(
        models.CharField(max_length=16, choices=Sense.choices),
        default=list,
        blank=True,
        help_text=_("What the questions can't be answered without, as workers are told: sight, colours, hearing."),
    )
    content_warning = models.CharField(
        max_length=300, blank=True, help_text=_("What may upset a worker in it, told before they start.")
    )
    grants = models.CharField(
        max_length=100, blank=True, help_text=_("The qualification that a training or test grants who passes it.")
    )
    pass_share = models.FloatField(default=0.8, help_text=_("Share of right answers that passes a training or test."))

    pilot_items = models.PositiveSmallIntegerField(
        default=0, help_text=_("Items that are labelled first, 10 to 100; 0 for all at once.")
    )
    pilot_least_gold_accuracy = models.FloatField(
        null=True, blank=True, help_text=_("The campaign pauses after the pilot if gold accuracy is below this.")
    )
    pilot_least_agreement = models.FloatField(
        null=True, blank=True, help_text=_("The campaign pauses after the pilot if agreement (alpha) is below this.")
    )
    pilot_passed_at = models.DateTimeField(null=True, blank=True, editable=False)
    seconds_tried = models.FloatField(
        null=True, blank=True, editable=False, help_text=_("For a question, as the requester needed who tried it.")
    )

    suggestion_field = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("Field of an item that holds a model's answer; it never counts as one."),
    )
    suggestion_model = models.CharField(
        max_length=150, blank=True, default="", db_default="", help_text=_("What the model is called.")
    )
    suggested_to = models.CharField(
        max_length=16,
        choices=SuggestedTo.choices,
        default=SuggestedTo.NOBODY,
        db_default=SuggestedTo.NOBODY,
        help_text=_("Who sees what the model suggests."),
    )
    suggestion_withheld = models.FloatField(
        default=0.2, db_default=0.2, help_text=_("Share of workers' questions that are asked without it, at random.")
    )

    label_studio = models.TextField(
        blank=True, default="", help_text=_("The labeling configuration it was made of, whose names labels go back to.")
    )

    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    launched_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="campaign_name_once"),
            models.CheckConstraint(condition=Q(redundancy__gte=1, redundancy__lte=1000), name="campaign_redundancy"),
            models.CheckConstraint(
                condition=Q(redundancy_max=None) | Q(redundancy_max__gte=F("redundancy"), redundancy_max__lte=1000),
                name="campaign_redundancy_max",
            ),
            models.CheckConstraint(
                condition=Q(target_confidence__gt=0, target_confidence__lte=1), name="campaign_target_confidence"
            ),
            models.CheckConstraint(condition=Q(page_size__gte=1, page_size__lte=200), name="campaign_page_size"),
            models.CheckConstraint(condition=Q(price__gte=0, budget__gte=0), name="campaign_money_not_negative"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="campaign_currency_iso"),
            models.CheckConstraint(condition=Q(lease_seconds__gte=30), name="campaign_lease_long_enough"),
            models.CheckConstraint(condition=Q(gold_share__gte=0, gold_share__lt=1), name="campaign_gold_share"),
            models.CheckConstraint(
                condition=Q(least_gold_accuracy__gte=0, least_gold_accuracy__lte=1), name="campaign_gold_accuracy"
            ),
            models.CheckConstraint(condition=Q(broken_after__gte=1), name="campaign_broken_after"),
            models.CheckConstraint(
                condition=Q(most_reported__gte=0, most_reported__lte=1), name="campaign_most_reported"
            ),
            models.CheckConstraint(condition=Q(pass_share__gte=0, pass_share__lte=1), name="campaign_pass_share"),
            models.CheckConstraint(condition=Q(grants="") | ~Q(purpose="work"), name="work_grants_nothing"),
            models.CheckConstraint(
                condition=Q(pilot_items=0) | Q(pilot_items__gte=10, pilot_items__lte=100), name="campaign_pilot_items"
            ),
            models.CheckConstraint(
                condition=(Q(pilot_least_gold_accuracy=None) | Q(pilot_least_gold_accuracy__range=(0, 1)))
                & (Q(pilot_least_agreement=None) | Q(pilot_least_agreement__range=(-1, 1))),
                name="campaign_pilot_bounds",
            ),
            models.CheckConstraint(
                condition=Q(suggested_to="nobody") | ~Q(suggestion_field=""), name="campaign_suggests_from_a_field"
            ),
            models.CheckConstraint(
                condition=Q(suggestion_withheld__gte=0, suggestion_withheld__lt=1), name="campaign_suggestion_withheld"
            ),
            models.CheckConstraint(condition=Q(seconds_tried=None) | Q(seconds_tried__gt=0), name="campaign_tried"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(launched_at__isnull=False), name="launched_campaign_since"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["stopped", "completed"]) ^ Q(ended_at=None), name="ended_campaign_since"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How lower apps name this campaign: the owner of a budget, the scope of a skill."""
        return self.key_of(self.pk)

    @staticmethod
    def key_of(pk: UUID) -> str:
        """Return that name of the campaign with this id."""
        return f"campaign:{pk}"

    @property
    def most_judgments(self) -> int:
        """How often an item may be judged in all."""
        return self.redundancy_max or self.redundancy

    def gold_among(self, places: int) -> float:
        """How many of a worker's first `places` ask gold: what comes early comes on top, no stretch without follows."""
        early = min(places, EARLY_PLACES)
        return max(self.gold_share, self.early_gold / EARLY_PLACES) * early + self.gold_share * (places - early)

    def may_report(self, places: int) -> float:
        """How many of so many places a worker may report as broken without a person looking at it."""
        return FEW_REPORTS + self.most_reported * places

    @property
    def top_price(self) -> int:
        """The most that a full page may pay anybody, in minor units."""
        return max([self.price, *(int(tier["price"]) for tier in self.pay_tiers)])

    @property
    def is_adaptive(self) -> bool:
        """Whether doubtful items are judged again."""
        return self.most_judgments > self.redundancy

    @property
    def is_work(self) -> bool:
        """Whether it labels data: a training or test asks known answers only, and is open until it is stopped."""
        return self.purpose == self.Purpose.WORK

    @property
    def in_pilot(self) -> bool:
        """Whether only the first items are labelled as yet."""
        return bool(self.pilot_items) and self.pilot_passed_at is None

    @property
    def grace(self) -> timedelta:
        """How long a hand-in may be changed: only where people come back to our own pages, and are told no result."""
        own = self.is_work and not self.open_ended and self.channel == Channel.INTERNAL
        return timedelta(seconds=self.grace_seconds if own else 0)
