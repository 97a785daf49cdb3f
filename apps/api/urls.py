"""The API's addresses, below /api/v1/. The name of each is its row in the table of permissions."""

from django.urls import path

from apps.api.views import working

app_name = "api"
urlpatterns = [
    path("campaigns/<uuid:campaign_id>/assignments", working.Assignments.as_view(), name="campaign_assignments"),
    path("assignments/<uuid:assignment_id>/submit", working.Submit.as_view(), name="submit"),
]
