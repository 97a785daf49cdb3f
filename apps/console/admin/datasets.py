"""Datasets, their items and imports."""

from pathlib import Path
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console.asking import ask
from apps.console.base import button
from apps.console.forms.datasets import Upload
from apps.console.permissions import actor
from apps.console.scope import Below, OwnRelatedFilter, ReadOnly, Scoped, storable
from apps.console.showing import Shower, pill
from apps.datasets.models import BadRow, Dataset, Import, Item
from apps.pipeline import flow, uploads

ITEMS_SHOWN = 25


@admin.register(Dataset)
class DatasetAdmin(Scoped):
    list_display = ("name", "items_count", "newest_import", "campaigns_count", "created_at")
    search_fields = ("name", "description")
    fields = ("organization", "name", "description")
    change_form_template = "console/dataset.html"
    empty = _("A dataset holds what is to be labelled. Make one, then import a file into it.")
    actions_detail = ("browse", "upload", "remove")

    def get_queryset(self, request: HttpRequest) -> Any:
        imports = Import.objects.filter(dataset=OuterRef("pk"))
        added = imports.order_by().values("dataset").annotate(total=Sum("rows_added")).values("total")
        return (
            super()
            .get_queryset(request)
            .annotate(
                # Only imports add items, and each counts its own: counting millions of rows would take seconds.
                items_total=Coalesce(Subquery(added), 0),
                newest_state=Subquery(imports.order_by("-created_at").values("state")[:1]),
                campaigns_total=Count("campaigns"),
            )
        )

    @admin.display(description=_("items"), ordering="items_total")
    def items_count(self, row: Any) -> str:
        return f"{row.items_total:,}"

    @admin.display(description=_("newest import"), ordering="newest_state")
    def newest_import(self, row: Any) -> str:
        return pill(Import.State(row.newest_state)) if row.newest_state else "–"

    @admin.display(description=_("campaigns"), ordering="campaigns_total")
    def campaigns_count(self, row: Any) -> int:
        return int(row.campaigns_total)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.imports)
        return [path("<path:object_id>/imports/", view, name="datasets_dataset_imports"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {**(extra_context or {}), **(self._imports(request, row) if row else {})}
        return super().change_view(request, object_id, form_url, context)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Lead to what comes next for a dataset that is still empty: a file."""
        response = super().response_add(request, obj, post_url_continue)
        if "_save" not in request.POST:
            return response
        return HttpResponseRedirect(reverse("admin:datasets_dataset_upload", args=[obj.pk]))

    def imports(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        """Return the list of imports alone; the page fetches it again while one is under way."""
        row = self.row(request, object_id, "view")
        return TemplateResponse(request, "console/imports.html", {"original": row, **self._imports(request, row)})

    def _imports(self, request: HttpRequest, row: Dataset) -> dict[str, Any]:
        page = self.admin_site.get_model_admin(Import)
        imports = list(page.get_queryset(request).filter(dataset=row)[:10]) if page.has_view_permission(request) else []
        under_way = any(one.state in (Import.State.WAITING, Import.State.RUNNING) for one in imports)
        asked = self.admin_site.get_model_admin(Campaign)
        may_ask = not under_way and asked.has_add_permission(request) and row.items.exists()
        return {"imports": imports, "under_way": under_way, "may_ask": may_ask}

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return name == "browse" or super().offers(request, row, name)

    @button(_("Items"), path="items", icon="list")
    def browse(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        """Show items in their order, some at a time: each page costs one step in an index, the last like the first."""
        dataset = self.row(request, object_id, "view")
        rows = Item.objects.filter(dataset=dataset).order_by("pk")
        if wanted := storable(request.GET.get("external_id", "")).strip():
            rows = rows.filter(external_id=wanted)
        after = request.GET.get("after", "")
        if after.isdecimal() and len(after) < 19:
            rows = rows.filter(pk__gt=int(after))
        items = list(rows[: ITEMS_SHOWN + 1])
        shower = Shower(dataset.pk, [item.data for item in items])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Items of %(name)s") % {"name": dataset},
            "dataset": dataset,
            "items": [(item, shower.item(item.data)) for item in items[:ITEMS_SHOWN]],
            "next": items[ITEMS_SHOWN - 1].pk if len(items) > ITEMS_SHOWN else None,
            "wanted": wanted,
            "first": not after,
            "back": reverse("admin:datasets_dataset_change", args=[dataset.pk]),
        }
        return TemplateResponse(request, "console/items.html", context)

    @button(_("Import a file"), path="upload", icon="upload", variant="main")
    def upload(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        dataset = self.row(request, object_id)

        def act(form: Upload) -> None:
            file = form.cleaned_data["file"]
            # Only the ending matters to the import; the name people know is kept in the row.
            kept = uploads.keep(file, suffix=Path(file.name).suffix.lower(), of=dataset.organization)
            try:
                flow.bring_in(
                    dataset,
                    path=kept.path,
                    by=actor(request),
                    name=file.name,
                    media_columns=form.cleaned_data["media_columns"],
                    sha256=kept.sha256,
                )
            except Exception:
                kept.drop()
                raise

        return ask(
            self, request, row=dataset, title=_("Import a file into %(name)s") % {"name": dataset}, form=Upload,
            act=act, go=_("Import"), done=_("The file has arrived and is being imported."),
        )  # fmt: skip

    @button(_("Remove"), path="remove", icon="delete", variant="danger")
    def remove(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        dataset = self.row(request, object_id)
        return ask(
            self, request, row=dataset, title=_("Remove %(name)s with its items and media?") % {"name": dataset},
            act=lambda form: flow.remove_dataset(dataset, by=actor(request)), danger=True, go=_("Remove for good"),
            done=_("It is being removed: when that is done it is no longer in the list."),
            to=reverse("admin:datasets_dataset_changelist"),
        )  # fmt: skip


@admin.register(Item)
class ItemAdmin(ReadOnly):
    """One item; the list of them is the dataset's."""

    fields = ("external_id", "dataset", "data", "created_at")
    readonly_fields = fields

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self.require(request, "view")
        return redirect("admin:datasets_dataset_changelist")


class BadRows(Below):
    model = BadRow
    fields = ("file", "line", "reason")
    readonly_fields = fields
    verbose_name_plural = _("rows that were refused")
    MOST = 100

    def get_queryset(self, request: HttpRequest) -> QuerySet[BadRow]:
        rows = super().get_queryset(request)
        if found := request.resolver_match:
            first = rows.filter(of=found.kwargs.get("object_id")).order_by("file", "line").values("pk")[: self.MOST]
            rows = rows.filter(pk__in=first)
        return rows


@admin.register(Import)
class ImportAdmin(ReadOnly):
    list_display = ("file_name", "dataset", "shown_state", "rows_added", "rows_known", "rows_bad", "created_at")
    list_filter = ("state", ("dataset", OwnRelatedFilter))
    search_fields = ("file_name",)
    empty = _("No file was imported yet. That is done on a dataset's page.")
    list_select_related = ("dataset",)
    fields = (
        "file_name", "dataset", "shown_state", "problem", "rows_added", "rows_known", "rows_bad", "files_read",
        "started_by", "created_at", "finished_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (BadRows,)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, row: Import) -> str:
        return pill(Import.State(row.state))
