"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from apps.turkapi.views import endpoint
from apps.workbench.views.handing_over import external_submit
from apps.workbench.views.home import home

handler400 = "apps.api.unrouted.bad_request"
handler404 = "apps.api.unrouted.not_found"
handler500 = "apps.api.unrouted.server_error"

admin.autodiscover()  # here and not at start, so that worker processes do without the admin

urlpatterns = [
    path("", home, name="home"),
    path("", include("apps.monitor.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("apps.api.urls")),
    path("files/", include("apps.files.urls")),
    path("mturk/", include("apps.turkapi.urls")),
    path("mturk", endpoint),  # a POST to it could not be sent on
    path("mturk/externalSubmit", external_submit, name="external_submit"),
    path("work/", include("apps.workbench.urls")),
]
