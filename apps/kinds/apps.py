"""The Django app: the item viewer's templates and the widgets' common scripts."""

from django.apps import AppConfig


class KindsConfig(AppConfig):
    name = "apps.kinds"
    label = "kinds"
    verbose_name = "Kinds of question"
