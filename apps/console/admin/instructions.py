"""What campaigns go by: their guidelines and gold questions, and what an hour of work should pay at least."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines, PayPolicy
from apps.console.asking import ask
from apps.console.base import button
from apps.console.forms.campaigns import PayPolicyForm
from apps.console.permissions import actor
from apps.console.scope import OwnRelatedFilter, ReadOnly, Scoped
from apps.console.showing import amount, answer, prose
from apps.members import trail
from apps.quality import services as quality


@admin.register(Guidelines)
class GuidelinesAdmin(ReadOnly):
    empty = _("Nothing was published yet. Guidelines are written on a campaign's page.")
    list_display = ("campaign", "version", "created_at")
    list_filter = (("campaign", OwnRelatedFilter),)
    list_select_related = ("campaign",)
    fields = ("campaign", "version", "created_at", "shown_text")
    readonly_fields = fields

    @admin.display(description=_("text"))
    def shown_text(self, row: Guidelines) -> str:
        return prose(row.text)


@admin.register(GoldQuestion)
class GoldQuestionAdmin(ReadOnly):
    """Added on the campaign's page; taken away only while nothing was made of them."""

    list_display = ("item", "campaign", "right_answers", "teaching", "contested", "suspended_at")
    list_filter = (("campaign", OwnRelatedFilter), "teaching", ("suspended_at", admin.EmptyFieldListFilter))
    list_select_related = ("campaign", "item")
    actions_detail = ("reinstate",)
    search_fields = ("item__external_id",)
    empty = _("No question has a known answer yet. They are added on a campaign's page.")
    fields = ("campaign", "item", "right_answers", "reason", "teaching", "suspended_at", "what_workers_say")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(n_contests=Count("contests"))
        return rows

    @admin.display(description=_("contested"), ordering="n_contests")
    def contested(self, row: Any) -> str:
        return str(row.n_contests) if row.n_contests else "–"

    @admin.display(description=_("what workers say"))
    def what_workers_say(self, row: GoldQuestion) -> str:
        said = [(str(contest.worker), contest.text) for contest in row.contests.select_related("worker")]
        return format_html_join("", "<p>{}: {}</p>", said) or "–"

    @button(_("Ask it again"), path="reinstate", icon="restart_alt")
    def reinstate(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "reinstate")
        return ask(
            self, request, row=row, title=_("Ask a contested question again"), go=_("Ask it again"),
            act=lambda form: quality.reinstate(row, by=actor(request)), done=_("The question is asked again."),
            note=_("Its answer counts again, and what workers said against it is closed."),
        )  # fmt: skip

    def has_reinstate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.offers(request, obj, "reinstate")

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        # Taking up again is adding: who may add known answers may stand by them.
        return bool(self.may(request, "add", row)) and (row is None or row.suspended_at is not None)

    @admin.display(description=_("right answers"))
    def right_answers(self, row: GoldQuestion) -> str:
        return " | ".join(answer(one, row.campaign) for one in row.answers)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete", obj) and (obj is None or obj.campaign.state == Campaign.State.DRAFT)

    def delete_model(self, request: HttpRequest, obj: GoldQuestion) -> None:
        # The launch changes this row: whoever comes second sees what the first did.
        locked: QuerySet[Campaign] = Campaign.objects.select_for_update(no_key=True).filter(
            pk=obj.campaign_id, state=Campaign.State.DRAFT
        )
        if locked.exists():
            super().delete_model(request, obj)


@admin.register(PayPolicy)
class PayPolicyAdmin(Scoped):
    """No campaign is launched that pays less for an hour, as far as the time of its questions is known."""

    form = PayPolicyForm
    list_display = ("currency", "shown_hourly", "organization")
    list_select_related = ("organization",)
    fields = ("organization", "currency", "hourly")
    empty = _("No least pay is set: campaigns may pay what they like.")

    @admin.display(description=_("least pay for an hour"), ordering="hourly")
    def shown_hourly(self, row: PayPolicy) -> str:
        return amount(row.hourly, row.currency)

    def save_model(self, request: HttpRequest, obj: PayPolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        trail.record(
            obj.organization, verb="set least pay", subject=f"organization:{obj.organization_id}", actor=actor(request),
            hourly=obj.hourly, currency=obj.currency,
        )  # fmt: skip
