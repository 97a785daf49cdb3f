"""Who acts: users, the organizations they belong to, their roles there, and the trail of what they decided."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids, vault


class UserManager(BaseUserManager["User"]):
    """Makes users, whose name is their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> "User":
        # All of it in small letters: log-ins are looked up so, whatever was typed.
        user = self.model(email=self.normalize_email(email).lower(), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **values)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in: a member of organizations, a worker of some, or both."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(
        default=False, help_text=_("May open the admin; what it shows depends on the roles.")
    )
    is_active = models.BooleanField(default=True)
    opened_by = models.ForeignKey(
        "Organization", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text=_("Which organization opened the account, and may know its first password."),
    )  # fmt: skip
    proven_email = models.EmailField(
        blank=True, default="", db_default="", editable=False,
        help_text=_("The address to which a link was mailed, by which a password was set."),
    )  # fmt: skip
    joined_at = models.DateTimeField(default=clock.now, editable=False)
    language = models.CharField(max_length=16, blank=True, help_text=_("Of the pages; empty means the browser's."))
    time_zone = models.CharField(
        max_length=64, blank=True, help_text=_("Of the times shown; empty means the browser's.")
    )
    erasure_asked_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Done as soon as nothing is owed to this person.")
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ("email",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(is_active=False, name=""), name="erased_user_is_nobody"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class Organization(models.Model):
    """The tenant: every other row belongs to one, and nobody sees another's."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.CharField(max_length=150)
    slug = models.SlugField(unique=True, help_text=_("Its short name, in commands and addresses."))
    contact = models.EmailField(blank=True, help_text=_("Whom workers may ask about its campaigns."))
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    REQUESTER = "requester", _("requester")  # datasets, campaigns, labels
    REVIEWER = "reviewer", _("reviewer")  # verdicts on work
    FINANCE = "finance", _("finance")  # deposits, payouts, payment reports; no task content
    ADMIN = "admin", _("admin")  # members and their roles, besides all the rest


class Membership(models.Model):
    """One role of one user in one organization; a user may hold several."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)

    class Meta:
        ordering = ("organization", "user", "role")
        constraints = [
            models.UniqueConstraint(fields=["organization", "user", "role"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.organization}"


class Scope(models.TextChoices):
    READ = "read", _("read what the roles may see")
    WRITE = "write", _("change datasets, campaigns, people and verdicts")
    MONEY = "money", _("deposit, plan payouts and pay")
    WORK = "work", _("lease and hand in pages as a worker")


class Token(models.Model):
    """A machine's way in: as one member, or as one worker, of one organization, until it ends or is revoked.

    Only the hash of its secret is kept. It may do what its member may do there, and of that what its scopes say. One
    that somebody made for another reaches nothing that is the person's own, and ends with its maker's being an admin.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="tokens")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="tokens")
    worker = models.UUIDField(null=True, blank=True, help_text=_("The id of the worker who works by it."))
    name = models.CharField(max_length=100, help_text=_("What it is for."))
    begins = models.CharField(max_length=16, help_text=_("How it begins, to be told from others."))
    digest = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of it, which is all that is kept."))
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope.choices))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, help_text=_("To within a minute."))
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None) ^ models.Q(worker=None), name="token_of_a_member_or_a_worker"
            ),
            models.CheckConstraint(
                condition=models.Q(scopes__len__gte=1, scopes__contained_by=Scope.values), name="token_scopes_known"
            ),
            models.CheckConstraint(
                condition=models.Q(worker=None) | models.Q(scopes=[Scope.WORK]), name="token_of_a_worker_is_for_work"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begins}… ({self.name})"


class KeptAnswer(models.Model):
    """What was answered to a request with an Idempotency-Key, for a day or more: the same again gets the same."""

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(Token, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the request's method, address and body."))
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    sealed = models.BooleanField(default=False, db_default=False, help_text=_("The body lies under the vault's key."))
    answered_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="kept_answer_once_a_key")]
        indexes = [models.Index(fields=["answered_at"], name="kept_answer_by_age")]

    def __str__(self) -> str:
        return f"answer to {self.key}"

    @property
    def text(self) -> str:
        """The body as it was answered."""
        return vault.open_sealed(self.body) if self.sealed else self.body


class Terms(models.Model):
    """One version of what an organization's workers agree to: terms of work and privacy. Append-only."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="terms")
    version = models.PositiveIntegerField()
    text = models.TextField(help_text=_("Markdown."))
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("organization", "-version")
        verbose_name = verbose_name_plural = _("terms")
        constraints = [
            models.UniqueConstraint(fields=["organization", "version"], name="terms_version_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1) & ~models.Q(text=""), name="terms_say_something"),
        ]

    def __str__(self) -> str:
        return f"terms of {self.organization}, version {self.version}"


class Consent(models.Model):
    """That a person agreed to one version of an organization's terms, and when. Append-only."""

    id = models.BigAutoField(primary_key=True)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="consents")
    user = models.ForeignKey(User, models.PROTECT, related_name="consents")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["terms", "user"], name="consent_once")]

    def __str__(self) -> str:
        return f"{self.user} agreed to {self.terms}"


class Trail(models.Model):
    """One decision about money, rejection or restriction: who, what, about which row, why. Append-only.

    Written in the transaction of what it tells of; the subject is an opaque key ("assignment:…"), as it may be of
    any higher app. No actor means that the system decided, by a rule named in `reason`.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="trail")
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, db_index=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("trail line")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor or 'system'} {self.verb} {self.subject}"
