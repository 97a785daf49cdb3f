"""The API's address, below /mturk/."""

from django.urls import path

from apps.turkapi.views import endpoint

app_name = "turkapi"
urlpatterns = [path("", endpoint, name="endpoint")]
