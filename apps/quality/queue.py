"""The order in which a person looks at pages that wait for a verdict."""

from typing import Literal

from django.db.models import Avg, Case, F, FloatField, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import MD5, Cast, Coalesce

from apps.campaigns.models import Campaign
from apps.members.models import Organization
from apps.quality.models import Review
from apps.work.models import Judgment

Order = Literal["time", "disagreement", "value", "sample"]
# Reviews that wait for a person: put up for rejection, or of a campaign all of whose pages a person decides about. What
# a program brought waits for that program.
WAITING = Q(verdict="") & (
    Q(proposal=Review.Verdict.REJECT)
    | Q(assignment__campaign__review=Campaign.Review.PERSON, assignment__campaign__open_ended=False)
)


def queue(organization: Organization, *, order: Order = "time") -> QuerySet[Review]:
    """Return the reviews of an organization that wait for a person.

    time: those first that are paid first if nobody decides. disagreement: those first whose answers differ most from
    the labels, each by the label's confidence (kept as `disagreement`, 0 to 1). value: those first that earn most.
    sample: at random, in an order that stays, so that who looks at the first few has looked at a fair sample.
    """
    waiting = Review.objects.filter(WAITING, assignment__organization=organization).select_related(
        "assignment__worker", "assignment__campaign"
    )
    if order == "disagreement":
        return waiting.annotate(disagreement=_disagreement()).order_by("-disagreement", "approve_at", "pk")
    if order == "value":
        return waiting.order_by("-assignment__pay", "approve_at", "pk")
    if order == "sample":
        return waiting.annotate(lot=MD5(Cast("assignment_id", TextField()))).order_by("lot")
    return waiting.order_by("approve_at", "pk")


def _disagreement() -> Coalesce:
    """Return the mean, over a page's answers to tasks with a label, of the label's confidence where they differ."""
    same = Case(
        When(answer=F("task__consensus__answer"), then=Value(0.0)),
        default=F("task__consensus__confidence"),
        output_field=FloatField(),
    )
    judged = Judgment.objects.filter(place__assignment=OuterRef("assignment"), task__consensus__isnull=False)
    mean = judged.order_by().values("place__assignment").annotate(mean=Avg(same)).values("mean")
    return Coalesce(Subquery(mean), Value(0.0), output_field=FloatField())
