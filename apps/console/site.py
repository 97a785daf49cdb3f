"""The admin's site: who gets in, by which door, and under which policy."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.console import base, dashboard, permissions
from apps.console.scope import ByRole

# Unfold's scripts evaluate expressions in attributes (Alpine) and set styles. Only here: few people, with a second
# factor. Everywhere else the policy of the settings holds as it is.
# Frames are our own previews.
RELAXED = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE], "frame-src": [SELF]}
POLICY = csp_update(RELAXED)


class Site(base.AdminSite):
    """Members of organizations only, and only pages that ask the table of permissions."""

    site_header = site_title = "labelcrowd"
    index_title = _("Overview")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is a member of an organization, in any role."""
        user = request.user
        return user.is_active and getattr(user, "is_staff", False) and bool(permissions.held(request))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register pages of ours; those that other apps bring know nothing of organizations and are left out."""
        if admin_class is not None and issubclass(admin_class, ByRole):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return POLICY(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the log-in that all share; who is logged in and still not let in is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("You are not a member of any organization.")
        to = request.GET.get("next", reverse("admin:index"))
        if request.user.is_authenticated:
            return redirect("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({'next': to})}")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().index(request, {**(extra_context or {}), "board": dashboard.board(request)})
