"""The API's address, below /mturk/, and the page on which a worker asks for a qualification."""

from django.urls import path

from apps.turkapi import asking
from apps.turkapi.views import endpoint

app_name = "turkapi"
urlpatterns = [
    path("", endpoint, name="endpoint"),
    path("requestqualification", asking.request_qualification, name="request_qualification"),
    path("test/<str:key>", asking.test, name="test"),
]
