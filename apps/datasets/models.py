"""Source rows to label, with their media, and how they came in."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids
from apps.core.states import Moves, Stateful
from apps.members.models import Organization, User


class Dataset(models.Model):
    """Items that belong together."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="datasets")
    name = models.CharField(max_length=150)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    leaving_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Since when it is being removed, and of no use.")
    )

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="dataset_name_once")]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """One thing to label: a JSON object whose values are text, or media as {"media": "<name>"}."""

    id = models.BigAutoField(primary_key=True)
    # Triggers keep what a foreign key would, once for all rows of a statement.
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="items", db_index=False, db_constraint=False)
    external_id = models.CharField(max_length=200)
    data = models.JSONField()
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["dataset", "external_id"], name="item_external_id_once")]
        indexes = [models.Index(fields=["dataset", "id"], name="item_in_order")]

    def __str__(self) -> str:
        return self.external_id


class Stored:
    """What lies in the default storage under its id."""

    id: UUID

    @property
    def storage_name(self) -> str:
        """Where it lies; in 256 folders, as some file systems are slow with large ones."""
        return f"{self.id.hex[:2]}/{self.id.hex}"

    @property
    def small_name(self) -> str:
        """Where a picture's small copy lies, if one was made."""
        return f"{self.storage_name}-small"


class Media(Stored, models.Model):
    """One picture, sound or video of a dataset, stored under a random name of ours."""

    id = models.UUIDField(primary_key=True, default=ids.new_token, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="media")
    name = models.CharField(max_length=400, help_text=_("As the items name it."))
    content_type = models.CharField(max_length=60, help_text=_("As we found it, not as it was claimed."))
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = _("media")
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="media_name_once")]

    def __str__(self) -> str:
        return self.name


class Discarded(Stored, models.Model):
    """Media whose rows are gone and whose file is to go: it is written here first, so that none stays for ever."""

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    dataset = models.UUIDField(db_index=True, help_text=_("Which it was in, and which is gone."))
    discarded_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.storage_name


class Import(Stateful):
    """One file on its way into a dataset: resumable at `rows_read`, safe to repeat."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    MOVES: ClassVar[Moves] = {
        State.WAITING: frozenset({State.FAILED}),
        State.RUNNING: frozenset({State.WAITING, State.RUNNING, State.FAILED}),
        State.DONE: frozenset({State.RUNNING}),
        State.FAILED: frozenset({State.RUNNING, State.WAITING}),
    }

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=400)
    path = models.CharField(max_length=1000, help_text=_("Where the file lies for the worker to read."))
    sha256 = models.CharField(max_length=64, blank=True)
    media_columns = models.JSONField(default=list, blank=True, help_text=_("Columns whose values are names of media."))
    started_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    bytes_total = models.BigIntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    rows_read = models.BigIntegerField(default=0)
    rows_added = models.BigIntegerField(default=0)
    rows_known = models.BigIntegerField(default=0)
    rows_bad = models.BigIntegerField(default=0)
    files_read = models.BigIntegerField(default=0, help_text=_("Media taken along that are not items themselves."))
    problem = models.TextField(blank=True, help_text=_("Why it failed, in a sentence."))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("rows_added") + F("rows_known") + F("rows_bad")), name="import_rows_add_up"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(problem=""), name="failed_import_says_why"),
        ]

    def __str__(self) -> str:
        return self.file_name


class BadRow(models.Model):
    """A row or media file that was refused, and lost no other: its place and the reason."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, models.CASCADE, related_name="bad_rows", db_column="import_id")
    file = models.CharField(max_length=400, blank=True, help_text=_("Which one, inside an archive or folder."))
    line = models.BigIntegerField(help_text=_("In JSON the number of the object, in an archive that of the file."))
    reason = models.TextField()

    class Meta:
        ordering = ("of", "file", "line")
        constraints = [models.UniqueConstraint(fields=["of", "file", "line"], name="bad_row_once")]

    def __str__(self) -> str:
        return f"{self.file or 'line'} {self.line}: {self.reason}"
