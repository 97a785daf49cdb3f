"""Where a person belongs who just logged in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.members.models import User
from apps.workforce import queries as workforce


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send workers to their work and staff to the admin; tell others why there is nothing for them."""
    user = request.user
    if isinstance(user, User) and workforce.identities(user).exists():
        return redirect("workbench:open")
    if isinstance(user, User) and user.is_staff:
        return redirect("admin:index")
    return render(request, "workbench/nobody.html", status=403)
