from django.apps import AppConfig


class TurkapiConfig(AppConfig):
    name = "apps.turkapi"
