"""A server of somebody else's that does not answer is left alone for a while: it may hold nobody up."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock

FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=30)


class Resting(models.Model):
    """Whom we call. After each call that failed it rests twice as long as after the one before, up to half an hour."""

    failures = models.PositiveSmallIntegerField(default=0, db_default=0, help_text=_("Calls since one was answered."))
    rests_until = models.DateTimeField(null=True, blank=True, help_text=_("It is not called before."))

    class Meta:
        abstract = True

    def note_call(self, *, failed: bool) -> None:
        """Write down whether a call was answered."""
        if not failed and not self.failures:
            return
        self.failures = min(self.failures + 1, 1000) if failed else 0
        wait = min(FIRST * 2 ** min(self.failures - 1, 20), LONGEST) if failed else None
        self.rests_until = clock.now() + wait if wait else None
        type(self)._base_manager.filter(pk=self.pk).update(failures=self.failures, rests_until=self.rests_until)

    @property
    def is_resting(self) -> bool:
        return self.rests_until is not None and self.rests_until > clock.now()


def awake(called: str, at: datetime) -> Q:
    """Return the condition that whom a row's field `called` names does not rest at `at`."""
    return Q(**{f"{called}__rests_until": None}) | Q(**{f"{called}__rests_until__lte": at})
