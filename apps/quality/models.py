"""Is it right: verdicts on pages, and the combined answer of each task."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.core import clock
from apps.members.models import Organization, User
from apps.work.models import Assignment, Task

ADJUDICATED = "adjudicated"  # the method of a label that a person gave


class Review(models.Model):
    """A verdict on an assignment: proposed by rule, decided by rule (to pay) or by a person (either way).

    What a person asked for takes effect later: a rejection above the organization's limit once a second person agrees,
    many approvals at once at `approve_at`; until then it can be taken back.
    """

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("approve")
        REJECT = "reject", _("reject")

    id = models.BigAutoField(primary_key=True)
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="review")
    proposal = models.CharField(max_length=8, choices=Verdict.choices)
    grounds = models.TextField(blank=True, help_text=_("What the rule saw."))
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    reason = models.TextField(blank=True, help_text=_("What the worker is told."))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    proposed_at = models.DateTimeField(default=clock.now, editable=False)
    approve_at = models.DateTimeField(help_text=_("When it is paid if nobody has decided."))
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("proposed_at",)
        constraints = [
            models.CheckConstraint(condition=Q(verdict="") ^ Q(decided_at__isnull=False), name="review_decided_since"),
            models.CheckConstraint(
                condition=~Q(verdict="reject") | (~Q(reason="") & Q(decided_by__isnull=False)),
                name="rejection_by_a_person_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(asked="", asked_by=None, asked_at=None)
                | (~Q(asked="") & Q(asked_by__isnull=False, asked_at__isnull=False)),
                name="verdict_asked_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="reject", asked="reject") | ~Q(decided_by=F("asked_by")),
                name="rejection_confirmed_by_another",
            ),
        ]
        indexes = [models.Index(fields=["approve_at"], name="review_undecided", condition=Q(verdict=""))]

    def __str__(self) -> str:
        return f"{self.verdict or 'undecided'} ({self.proposal} proposed)"

    @property
    def waits_for_another(self) -> bool:
        """Whether one person wants to reject it, and a second has to agree."""
        return not self.verdict and self.asked == self.Verdict.REJECT


class RejectionPolicy(models.Model):
    """From which amount of workers' pay on, rejected by one person within a day, a second one has to agree."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="rejection_policies")
    currency = models.CharField(max_length=3, default="USD")
    second_person_from = models.BigIntegerField(help_text=_("In minor units; from 0 on, every rejection."))

    class Meta:
        ordering = ("organization", "currency")
        verbose_name_plural = _("rejection policies")
        constraints = [
            models.UniqueConstraint(fields=["organization", "currency"], name="rejection_policy_once_a_currency"),
            models.CheckConstraint(condition=Q(second_person_from__gte=0), name="rejection_policy_not_below_nothing"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="rejection_policy_currency_iso"),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.currency}"


class Dispute(models.Model):
    """A worker's appeal against a rejection: one for a page, decided by somebody other than who rejected it.

    If nobody decides by `decide_by`, the worker is right: the default is to pay.
    """

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("the rejection stands")
        OVERTURNED = "overturned", _("the page is paid")

    id = models.BigAutoField(primary_key=True)
    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="dispute")
    text = models.TextField(help_text=_("What the worker says."))
    rejected_by = models.ForeignKey(User, models.PROTECT, related_name="+", help_text=_("Who can't decide it."))
    opened_at = models.DateTimeField(default=clock.now, editable=False)
    decide_by = models.DateTimeField(help_text=_("When the page is paid if nobody has decided."))
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    reason = models.TextField(blank=True, help_text=_("What the worker is told."))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("decide_by",)
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="dispute_says_why"),
            models.CheckConstraint(condition=Q(outcome="") ^ Q(decided_at__isnull=False), name="dispute_decided_since"),
            models.CheckConstraint(
                condition=~Q(outcome="upheld")
                | (~Q(reason="") & Q(decided_by__isnull=False) & ~Q(decided_by=F("rejected_by"))),
                name="dispute_upheld_by_a_second_person_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["decide_by"], name="dispute_undecided", condition=Q(outcome=""))]

    def __str__(self) -> str:
        return f"dispute over {self.assignment_id} ({self.outcome or 'undecided'})"


class Consensus(models.Model):
    """The combined answer of a task, with its confidence and where it comes from."""

    task = models.OneToOneField(Task, models.PROTECT, primary_key=True, related_name="consensus")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="consensus", db_index=False)
    answer = models.JSONField()
    confidence = models.FloatField(
        help_text=_("That it is right: the method's probability, corrected by audits where there are enough.")
    )
    claimed = models.FloatField(
        null=True,
        help_text=_("What the method claimed, where audits corrected it; empty where there are too few of them."),
    )
    votes = models.PositiveIntegerField()
    method = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=0, help_text=_("Of the combination that made it."))
    final = models.BooleanField(default=False, help_text=_("Computed over the whole campaign after its last judgment."))
    combined_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("task",)
        verbose_name_plural = _("consensus")
        constraints = [
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="consensus_confidence"),
            models.CheckConstraint(
                condition=Q(claimed=None) | Q(claimed__gte=0, claimed__lte=1), name="consensus_claimed"
            ),
            models.CheckConstraint(condition=Q(votes__gte=1) | Q(method=ADJUDICATED), name="consensus_has_votes"),
        ]
        indexes = [models.Index(fields=["campaign", "confidence", "task"], name="consensus_hardest_first")]

    def __str__(self) -> str:
        return f"{self.answer} ({self.confidence:.2f})"

    @property
    def is_calibrated(self) -> bool:
        """Whether audits corrected the confidence."""
        return self.claimed is not None


class Adjudication(models.Model):
    """A person's word on the answer of a task, which is its label whatever is combined: whose, when, and why."""

    task = models.OneToOneField(Task, models.PROTECT, primary_key=True, related_name="adjudication")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="adjudications")
    answer = models.JSONField()
    note = models.TextField(blank=True, help_text=_("Why, for those who read the label later."))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("task",)

    def __str__(self) -> str:
        return f"{self.answer} ({self.by})"


class Combination(models.Model):
    """How far a campaign's judgments have been combined: what is due is a comparison of two numbers."""

    campaign = models.OneToOneField(Campaign, models.PROTECT, primary_key=True, related_name="combination")
    judgments_combined = models.BigIntegerField(default=0, help_text=_("Highest judgment taken into some consensus."))
    judgments_fitted = models.BigIntegerField(
        default=0, help_text=_("How many the last fit over the whole campaign saw.")
    )
    changes = models.PositiveIntegerField(
        default=0,
        help_text=_("How often something else changed what it makes of them: verdicts, gold, method, audits."),
    )
    changes_combined = models.PositiveIntegerField(default=0, help_text=_("Of those, how many the last fit knew."))
    version = models.PositiveIntegerField(default=0, help_text=_("How often the consensus was brought up to date."))
    judgments_asked = models.BigIntegerField(
        default=0, help_text=_("How many were known when it was last decided which tasks are judged again.")
    )
    final = models.BooleanField(default=False)
    percent_agreement = models.FloatField(null=True, blank=True)
    percent_low = models.FloatField(null=True, blank=True)
    percent_high = models.FloatField(null=True, blank=True)
    alpha = models.FloatField(null=True, blank=True, help_text=_("Krippendorff's alpha."))
    alpha_low = models.FloatField(null=True, blank=True)
    alpha_high = models.FloatField(null=True, blank=True)
    gwet = models.FloatField(null=True, blank=True, help_text=_("Gwet's AC1."))
    gwet_low = models.FloatField(null=True, blank=True)
    gwet_high = models.FloatField(null=True, blank=True)
    shares_error = models.BooleanField(
        null=True, blank=True, help_text=_("Whether most are wrong on gold too often; nothing where no gold tells.")
    )
    combined_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("campaign",)

    def __str__(self) -> str:
        return f"combination of {self.campaign}"


class Audit(models.Model):
    """A round of expert judgment on a random sample of consensus, drawn in bands of confidence.

    `bands` holds how many tasks each band had, from which the sample's shares are read. Gold is never in it.
    """

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="audits")
    number = models.PositiveSmallIntegerField(help_text=_("First, second, … of its campaign."))
    bands = models.JSONField(help_text=_("Tasks in each band of confidence, from the least sure on."))
    guidelines = models.PositiveIntegerField(help_text=_("Newest version when it was drawn."))
    version = models.PositiveIntegerField(help_text=_("Of the combination it was drawn from."))
    drawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    drawn_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("campaign", "-number")
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="audit_number_once")]

    def __str__(self) -> str:
        return f"audit {self.number} of {self.campaign}"


class AuditedTask(models.Model):
    """One consensus of an audit as it was drawn, and what the expert says of it."""

    id = models.BigAutoField(primary_key=True)
    audit = models.ForeignKey(Audit, models.PROTECT, related_name="tasks")
    task = models.ForeignKey(Task, models.PROTECT, related_name="audited")
    band = models.PositiveSmallIntegerField()
    answer = models.JSONField(help_text=_("The consensus."))
    confidence = models.FloatField()
    truth = models.JSONField(null=True, help_text=_("The expert's own answer."))
    right = models.BooleanField(null=True, help_text=_("Whether the consensus holds, by the expert's verdict."))
    note = models.TextField(blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("audit", "id")
        verbose_name = _("audited task")
        constraints = [
            models.UniqueConstraint(fields=["audit", "task"], name="audited_once_a_round"),
            models.CheckConstraint(
                condition=Q(right=None, judged_at=None, judged_by=None)
                | Q(right__isnull=False, judged_at__isnull=False, judged_by__isnull=False),
                name="audited_task_judged_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.task_id} in {self.audit}"
