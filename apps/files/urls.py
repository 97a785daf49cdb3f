"""The address of media."""

from django.urls import path

from apps.files import views

urlpatterns = [path("<str:signed>", views.media, name="file")]
