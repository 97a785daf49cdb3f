"""The language of a person's pages, where no log-in says whose they are."""

from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.utils import translation

from apps.members.models import User


def of(user: User | None) -> AbstractContextManager[object]:
    """Speak the language that a person chose; the browser's where they chose none."""
    chosen = user.language if user is not None else ""
    return translation.override(chosen) if chosen in dict(settings.LANGUAGES) else nullcontext()
