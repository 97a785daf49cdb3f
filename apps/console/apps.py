from django.apps import AppConfig
from django.contrib.admin import apps


class ConsoleConfig(AppConfig):
    name = "apps.console"
    default = True


class AdminConfig(apps.SimpleAdminConfig):
    """Django's admin, with our site in the place of its own; urls.py has it look for pages."""

    default_site = "apps.console.site.Site"
    default = False
