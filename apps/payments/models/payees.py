"""Whom the tax reports of past years name, although they asked to be erased."""

import json

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import vault
from apps.workforce.models import Worker


class Payee(models.Model):
    """Who an erased worker was: sealed, read by the tax report alone, and deleted once no year needs it."""

    worker = models.OneToOneField(Worker, models.PROTECT, primary_key=True, related_name="payee")
    sealed = models.TextField(help_text=_("JSON under the vault's key: id and name."))
    until = models.DateField(help_text=_("The day on which it is deleted."))

    class Meta:
        ordering = ("worker",)
        constraints = [models.CheckConstraint(condition=models.Q(sealed__gt=""), name="payee_is_somebody")]

    def __str__(self) -> str:
        return f"payee kept until {self.until}"

    @classmethod
    def seal(cls, worker: Worker) -> str:
        """Return who a worker is, as it is kept."""
        return vault.seal(json.dumps({"external_id": worker.external_id, "name": worker.name}, ensure_ascii=False))

    def open(self) -> tuple[str, str]:
        """Return the id and the name."""
        found = json.loads(vault.open_sealed(self.sealed))
        return found["external_id"], found["name"]
