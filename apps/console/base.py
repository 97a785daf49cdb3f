"""Django's admin as unfold dresses it: the only module that imports unfold.

To do without it, import `AdminSite`, `ModelAdmin` and `TabularInline` from Django here for good, and let `button` be
links of a template.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from unfold import widgets
from unfold.decorators import action as unfold_action
from unfold.enums import ActionVariant

if TYPE_CHECKING:
    from django.contrib import admin

    AdminSite = admin.AdminSite
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.sites import UnfoldAdminSite as AdminSite

__all__ = [
    "FILE",
    "LINE",
    "AdminSite",
    "ModelAdmin",
    "TabularInline",
    "button",
    "buttons_of_list",
    "buttons_of_row",
    "dress",
]

View = TypeVar("View", bound=Callable[..., Any])
VARIANTS = {"": ActionVariant.DEFAULT, "main": ActionVariant.PRIMARY, "danger": ActionVariant.DANGER}
LINE = widgets.UnfoldAdminTextInputWidget
FILE = widgets.UnfoldAdminFileFieldWidget  # its script knows no other control for files
# Radio buttons and lists of boxes are dressed by our own stylesheet.
UNDRESSED = (forms.HiddenInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
CLASSES: tuple[tuple[type[forms.Widget], list[str]], ...] = (
    (forms.CheckboxInput, widgets.CHECKBOX_CLASSES),
    (forms.FileInput, [*widgets.INPUT_CLASSES, "console-file"]),
    (forms.Textarea, widgets.TEXTAREA_CLASSES),
    (forms.Select, widgets.SELECT_CLASSES),
    (forms.widgets.Input, widgets.INPUT_CLASSES),
)


def button(text: Any, *, path: str, icon: str = "", variant: str = "") -> Callable[[View], View]:
    """Make a method `f(request[, object_id])` a page under the row's or the list's address, with a button to it."""
    decorate: Callable[[View], View] = unfold_action(
        description=text, url_path=path, icon=icon or None, variant=VARIANTS[variant]
    )
    return decorate


def buttons_of_row(page: Any) -> list[tuple[str, Any]]:
    """Return the page's buttons for a row by their names, as unfold wants them."""
    names = page._extract_action_names(page.actions_detail)  # noqa: SLF001 - unfold has no public way
    return [(name, page.get_unfold_action(name)) for name in names]


def buttons_of_list(page: Any) -> list[Any]:
    """Return the page's buttons for its list, as unfold wants them."""
    return [page.get_unfold_action(name) for name in page.actions_list]


def dress(form: forms.BaseForm, *names: str) -> None:
    """Give the controls of a form of ours the looks of the admin's own; all of them, or those named."""
    for field in [field for name, field in form.fields.items() if not names or name in names]:
        for widget in field.widget.widgets if isinstance(field.widget, forms.MultiWidget) else [field.widget]:
            _dress(widget)


def _dress(widget: forms.Widget) -> None:
    for kind, classes in CLASSES:
        if isinstance(widget, kind) and not isinstance(widget, UNDRESSED):
            widget.attrs["class"] = " ".join([*widget.attrs.get("class", "").split(), *classes])
            return
