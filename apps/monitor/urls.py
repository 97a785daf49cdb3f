"""The operator's addresses, at the root, where monitors look for them."""

from django.urls import path

from apps.monitor import views

urlpatterns = [
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
