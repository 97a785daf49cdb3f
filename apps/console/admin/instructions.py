"""What a campaign tells workers and asks them with a known answer: guidelines and gold questions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign, GoldQuestion, Guidelines
from apps.console.scope import OwnRelatedFilter, ReadOnly
from apps.console.showing import answer, prose


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

    list_display = ("item", "campaign", "right_answers", "reason")
    list_filter = (("campaign", OwnRelatedFilter),)
    list_select_related = ("campaign", "item")
    search_fields = ("item__external_id",)
    empty = _("No question has a known answer yet. They are added on a campaign's page.")
    fields = ("campaign", "item", "right_answers", "reason")
    readonly_fields = fields

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
