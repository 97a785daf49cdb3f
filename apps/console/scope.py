"""Rows of one's own organizations only: in lists, forms, choices, autocompletion, history and buttons alike."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import ForeignKey, Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.console import base, permissions
from apps.console.paging import CappedPaginator
from apps.members.models import Organization


class OneOrganizationForm(forms.ModelForm):  # type: ignore[type-arg]  # not a generic class at run time
    """Refuses rows of different organizations in one form, to somebody who is a member of both."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen = [value for value in values.values() if isinstance(value, Model)]
        chosen += [row for value in values.values() if isinstance(value, QuerySet) for row in value]
        # A new row has no organization yet, but those it is made from have.
        rows = chosen if is_new(self.instance) else [self.instance, *chosen]
        owners = {permissions.organization_of(row) for row in rows} - {None}
        if len(owners) > 1:
            raise forms.ValidationError(_("These belong to different organizations; choose from one."))
        return values


def is_new(row: Model) -> bool:
    """Return whether the row is in no table yet; its id is made before."""
    return row._state.adding  # noqa: SLF001 - Django has no other way


def storable(value: Any) -> str:
    """Return what an address names, as text; raise `SuspiciousOperation` where no column can hold it."""
    text = str(value)
    if "\0" in text:
        raise SuspiciousOperation("the address has a character that is in no text")
    return text


def _by_date(column: str | None) -> tuple[str, ...]:
    return (f"{column}__year", f"{column}__month", f"{column}__day") if column else ()


class OwnRelatedFilter(admin.RelatedFieldListFilter):
    """A list's filter by a related row, which offers only rows that the user may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> Any:
        related = model_admin.admin_site.get_model_admin(field.remote_field.model)
        return [(str(row.pk), str(row)) for row in related.get_queryset(request)[: self.MOST]]

    MOST = 200


class ByRole:
    """Permissions from the table alone; a mixin before an admin class."""

    model: type[Model]

    def organization_of(self, row: Any) -> UUID | None:
        return permissions.organization_of(row)

    def may(self, request: HttpRequest, verb: str, row: Any = None) -> bool:
        """Return whether the user may do `verb` with this row, or with any row at all."""
        own = permissions.organizations(request, verb, self.model)
        if not isinstance(row, Model) or not permissions.rights(self.model).path:
            return bool(own)
        return self.organization_of(row) in own

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete", obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "view")


class Scoped(ByRole, base.ModelAdmin):
    """An admin page of one model."""

    form = OneOrganizationForm
    formfield_overrides = {ArrayField: {"widget": base.LINE}}
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions: Any = None
    empty: Any = ""  # what an empty list says; a sentence
    # Names of buttons that are offered only in these states of the row.
    offered_in: dict[str, Iterable[str]] = {}
    drilled: tuple[str, ...] = ()  # what a list is narrowed to by our own links, besides its filters

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Let addresses narrow a list by nothing but its filters, its dates and our own links.

        Django lets them ask for any column, and so tells whether one that is not shown has this or that word in it.
        """
        storable(value)
        return lookup in self.drilled or lookup in _by_date(self.date_hierarchy) or self._filters_by(lookup, request)

    def _filters_by(self, lookup: str, request: HttpRequest) -> bool:
        for one in self.get_list_filter(request):
            name = getattr(one, "parameter_name", None) or (one[0] if isinstance(one, tuple | list) else one)
            if lookup == name or re.fullmatch(rf"{name}__(id__)?exact|{name}__is(null|empty)", lookup):
                return True
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        path = permissions.rights(self.model).path
        if not path:
            return rows if self.may(request, "view") else rows.none()
        return rows.filter(**{f"{path}__in": permissions.organizations(request, "view", self.model)})

    def row(self, request: HttpRequest, object_id: str, verb: str = "change") -> Any:
        """Return the row: 404 if the user may not even see it, 403 if seeing is all."""
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        self.require(request, verb, found)
        return found

    def require(self, request: HttpRequest, verb: str, row: Any = None) -> None:
        """Raise `PermissionDenied` unless the user may."""
        if not getattr(self, f"has_{verb}_permission")(request, row):
            raise PermissionDenied

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        """Return whether the button is shown for the row."""
        states = self.offered_in.get(name)
        return self.has_change_permission(request, row) and (states is None or row.state in states)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Return the buttons of a row's page; unfold asks for them."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None:
            return []
        return [shown for name, shown in base.buttons_of_row(self) if self.offers(request, row, name)]

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """Return the buttons of the list, for those who may add to it; unfold asks for them."""
        return base.buttons_of_list(self) if self.has_add_permission(request) else []

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._own_choices(db_field.remote_field.model, request))
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.remote_field.model is Organization:
            field.initial = field.queryset.first() if field.queryset.count() == 1 else None
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self._own_choices(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _own_choices(self, related: type[Model], request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of a related model that may stand in this one's form: own ones of a page that there is."""
        writable = permissions.organizations(request, "add", self.model) | permissions.organizations(
            request, "change", self.model
        )
        if related is Organization:
            return Organization.objects.filter(pk__in=writable)
        if not self.admin_site.is_registered(related):
            return related._default_manager.none()
        return (
            self.admin_site.get_model_admin(related)
            .get_queryset(request)
            .filter(**{f"{permissions.rights(related).path}__in": writable})
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row stays in its organization."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "organization"] if obj is not None and "organization" in self._field_names() else fields

    def get_list_display(self, request: HttpRequest) -> Any:
        """Whoever belongs to several organizations is told whose a row is."""
        shown = super().get_list_display(request)
        own = permissions.organizations(request, "view", self.model)
        return [*shown, "organization"] if len(own) > 1 and "organization" in self._field_names() else shown

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # The form's choices are own ones already; this holds even where a form forgets that.
        self.require(request, "change" if change else "add", obj)
        super().save_model(request, obj, form, change)

    def _field_names(self) -> set[str]:
        return {field.name for field in self.opts.fields}


class ReadOnly(Scoped):
    """A page of rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Revocable(ReadOnly):
    """What is made, shown once, and revoked; its class has the page that asks whether to `revoke`."""

    actions_detail = ("revoke",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "add", obj)

    def has_revoke_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def offers(self, request: HttpRequest, row: Any, name: str) -> bool:
        return row.revoked_at is None and self.has_revoke_permission(request, row)


class Below(ByRole, base.TabularInline):
    """Rows below another row's page, read-only; the page is of the same organization."""

    extra = 0
    max_num = 0
    can_delete = False
    hide_title = True

    def organization_of(self, row: Any) -> UUID | None:
        return permissions.organization_of(row)  # of the page's row: Django hands an inline its parent

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
