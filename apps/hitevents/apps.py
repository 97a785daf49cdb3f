from django.apps import AppConfig


class HitEventsConfig(AppConfig):
    name = "apps.hitevents"
