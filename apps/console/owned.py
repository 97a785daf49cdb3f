"""Whose a row is, as words: finance may not open the organization's own page."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class OfOrganization:
    """Names a row's organization; a mixin before an admin class."""

    @admin.display(description=_("organization"))
    def organization_name(self, row: Any) -> str:
        return str(row.organization)
