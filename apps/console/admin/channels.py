"""What outside markets offer for us, and whose slots they are: to be read, and decided about."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.channels.models import Claim, Publication
from apps.console.base import button
from apps.console.deciding import Decided, decide
from apps.console.forms.money import Unpaid
from apps.console.scope import OwnRelatedFilter
from apps.console.showing import pill, who
from apps.core import money
from apps.pipeline import market_decisions, market_losses, market_verdicts


class Stuck(admin.SimpleListFilter):
    """The slots that somebody has to decide about, as their market won't pay them for us."""

    title = _("to be decided")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("the market won't pay"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset.filter(pk__in=market_decisions.stuck()) if self.value() else queryset


@admin.register(Publication)
class PublicationAdmin(Decided):
    actions_detail = ("accept",)
    list_display = (
        "shown_name",
        "campaign",
        "shown_state",
        "slots",
        "shown_reward",
        "shown_held",
        "problem",
        "planned_at",
    )
    list_filter = ("state", ("campaign", OwnRelatedFilter))
    list_select_related = ("campaign",)
    search_fields = ("name",)
    fields = (
        "campaign_name", "channel", "environment", "shown_name", "shown_state", "asked", "slots", "shown_reward",
        "shown_fee", "shown_held", "problem", "planned_at", "offered_at", "expires_at", "withdrawn_at", "looked_at",
        "due_at", "reconciled_at", "accepted_at", "doubted_at",
    )  # fmt: skip
    readonly_fields = fields
    empty = _(
        "Nothing is offered on an outside market. Amazon's own Mechanical Turk was closed on 2026-09-30; campaigns can "
        "be offered at any endpoint that speaks its API, as another labelcrowd's."
    )

    @admin.display(description=_("campaign"))
    def campaign_name(self, row: Publication) -> str:
        return str(row.campaign)  # as words: finance may not open its page

    @admin.display(description=_("name"))
    def shown_name(self, row: Publication) -> str:
        return str(row)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Publication) -> str:
        return pill(Publication.State(row.state))

    @admin.display(description=_("reward"))
    def shown_reward(self, row: Publication) -> str:
        return money.show(row.reward, row.campaign.currency)

    @admin.display(description=_("fee"))
    def shown_fee(self, row: Publication) -> str:
        return money.show(row.fee, row.campaign.currency)

    @admin.display(description=_("held"))
    def shown_held(self, row: Publication) -> str:
        return money.show(row.held, row.campaign.currency)

    def is_open(self, row: Publication) -> bool:
        is_open = row.state == Publication.State.PLANNED or row.state in Publication.WATCHED
        return is_open and (market_losses.is_elsewhere(row) or (row.state in Publication.WATCHED and bool(row.problem)))

    @button(_("Take it for settled"), path="accept", icon="gavel")
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self.decide(
            request, self.row(request, object_id, "decide"), market_decisions.accept,
            title=_("Take for settled what was paid for this offer?"), go=_("Take it for settled"),
            done=_("It is taken for settled."),
            note=_("For an offer whose payments differ from the market's list for good, that the market lost, or that "
                   "was made at an endpoint that is used no more. Nothing is booked or paid by this: the offer is "
                   "looked for no longer, and deleted at the market if it has it. Your reason is kept in the trail."),
        )  # fmt: skip


@admin.register(Claim)
class ClaimAdmin(Decided):
    actions_detail = ("pay_besides", "book_as_paid")
    list_display = ("assignment", "worker", "shown_state", "verdict", "settled", "claimed_at")
    list_filter = (Stuck, "state", "verdict", "settled", ("publication__campaign", OwnRelatedFilter))
    list_select_related = ("worker", "publication")
    search_fields = ("assignment", "worker__external_id")
    fields = (
        "publication", "assignment", "worker_name", "shown_state", "verdict", "settled", "owed", "note", "page",
        "claimed_at", "saved_at", "confirmed_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Claim) -> str:
        return pill(Claim.State(row.state))

    # As words: finance may not open the worker's page.
    @admin.display(description=_("worker"))
    def worker_name(self, row: Claim) -> str:
        return who(row.worker)

    @admin.display(description=_("owed"))
    def owed(self, row: Claim) -> str:
        if row.besides:
            return gettext("paid by a bonus or a slot of its own, as somebody decided")
        if not self.is_open(row):
            return "–"
        if row.publication.owed:
            return gettext(
                "It was made to pay a worker what is owed, and the market won't approve it. Look there whether it was "
                "paid; if so, book that, else pay it yourself, and say so on the page of what it is owed: "
                "among the obligations it has the filter “paid: owed, and no market pays”."
            )
        return gettext(
            "The worker is owed it, and the market won't approve it: its offer is gone there, or was given up. Look at "
            "the market whether it was paid; if so, book that, else have it paid by a bonus or a slot of its own. "
            "Where no market can be had to pay it, pay it yourself, and say so on the page of what it is owed."
        )

    def is_open(self, row: Claim) -> bool:
        return not row.besides and market_decisions.stuck().filter(pk=row.pk).exists()

    def offers(self, request: HttpRequest, row: Claim, name: str) -> bool:
        return super().offers(request, row, name) and not (name == "pay_besides" and row.publication.owed)

    @button(_("Pay it besides"), path="pay-besides", icon="payments")
    def pay_besides(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        row = self.row(request, object_id, "decide")
        return decide(
            self, request, row,
            lambda form, **why: market_decisions.pay_besides(row, seen_unpaid=form.cleaned_data["seen_unpaid"], **why),
            form=Unpaid, title=_("Pay this slot besides?"), go=_("Pay it"), done=_("It is being paid."),
            note=_note_besides(row),
        )  # fmt: skip

    @button(_("The market paid it"), path="book-as-paid", icon="task_alt")
    def book_as_paid(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return self.decide(
            request, self.row(request, object_id, "decide"), market_decisions.book_as_paid,
            title=_("Book that the market paid this slot?"), go=_("Book it"), done=_("It is booked."),
            note=_("For what somebody saw to be paid there, though the market tells us nothing of it any more. It is "
                   "asked first where it can be. The reward and the market's fee are booked; your reason is kept in "
                   "the trail."),
        )  # fmt: skip


def _note_besides(row: Claim) -> str:
    """Return what happens then, and by when a market that can't be asked pays the slot itself."""
    asked = gettext("The market is asked for a bonus, and if it refuses that, for a slot for this worker alone.")
    if not market_losses.is_elsewhere(row.publication):
        return f"{asked} {gettext('It is asked first that it did not pay the slot, and will not.')}"
    by = {"at": row.publication.environment, "by": f"{market_verdicts.pays_by(row):%Y-%m-%d %H:%M}"}
    said = gettext(
        "Look at %(at)s first that it was not paid: it can't be asked from here, and pays by itself what nobody "
        "judged, by %(by)s UTC. If it still runs, the slot is paid twice."
    )
    return f"{asked} {said % by}"
