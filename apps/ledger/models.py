"""The double-entry books, and the counters that keep a budget from being overspent.

The database refuses what must not be: an entry whose postings don't sum to zero in each currency (deferred trigger),
any change to an entry or a posting (append-only trigger), a second entry for the same event (unique reference), an
entry in a month that was closed (trigger), a budget held or spent over its amount (check).
"""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from apps.core import clock, ids, money
from apps.members.models import Organization, User

# What an entry's reference begins with -> what that kind of movement is called.
KINDS = {
    "deposit": _("deposits"),
    "refund": _("refunded to the organization"),
    "fund": _("given to campaigns"),
    "close": _("unspent, given back by campaigns"),
    "obligation": _("earned by work"),
    "bonus": _("bonuses"),
    "adjustment": _("adjustments"),
    "payout": _("paid to workers"),
    "return": _("came back from workers' banks"),
    "fee": _("fees of channels and banks"),
    "market": _("paid to workers by markets"),
    "market_fee": _("fees of markets for it"),
    "correction": _("corrections"),
}


class Account(models.Model):
    """Where money is, or to whom it is owed; in one currency, named by its kind and an opaque key of its owner."""

    class Kind(models.TextChoices):
        OUTSIDE = "outside", _("outside world")  # the bank's side of deposits, refunds and payouts
        FUNDS = "funds", _("organization's funds")  # deposited, not given to a campaign
        BUDGET = "budget", _("campaign's budget")  # funded at launch, not yet owed
        PAYABLE = "payable", _("payable to workers")  # owed, not yet paid
        FEES = "fees", _("channel's fees")

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    owner = models.CharField(max_length=80, blank=True, help_text=_("As in campaign:… or worker:…"))
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("organization", "kind", "owner", "currency")
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "owner", "currency"], name="account_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["outside", "funds", "budget", "payable", "fees"]), name="account_kind_known"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="account_currency_iso"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.owner} {self.currency}".replace("  ", " ")


class Entry(models.Model):
    """One business event in the books. Never changed; a mistake is corrected by a new entry."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="entries")
    reference = models.CharField(max_length=120, help_text=_("One per business event, as in obligation:…"))
    kind = models.GeneratedField(
        expression=Func(F("reference"), Value(":"), Value(1), function="split_part"),
        output_field=models.CharField(max_length=120),
        db_persist=True,
        help_text=_("What its reference begins with; KINDS names those we post."),
    )
    memo = models.CharField(max_length=200, blank=True)
    legs = models.PositiveSmallIntegerField(help_text=_("How many postings it has, so that none can be added later."))
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = _("entries")
        indexes = [models.Index(fields=["organization", "at"], name="entry_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["organization", "reference"], name="entry_once_an_event"),
            models.CheckConstraint(condition=Q(legs__gte=2), name="entry_has_two_legs"),
        ]

    def __str__(self) -> str:
        return self.reference


class Posting(models.Model):
    """One leg of an entry: so many minor units into (+) or out of (-) an account."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings")
    amount = models.BigIntegerField()

    class Meta:
        ordering = ("id",)
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="posting_moves_something")]

    def __str__(self) -> str:
        return f"{self.account}: {money.show(self.amount, self.account.currency)}"


class Budget(models.Model):
    """How much of an amount is held for work handed out, and how much is spent on work approved."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="budgets")
    owner = models.CharField(max_length=80, unique=True, help_text=_("As in campaign:…"))
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("owner",)
        constraints = [
            models.CheckConstraint(condition=Q(held__gte=0, spent__gte=0), name="budget_counters_not_negative"),
            models.CheckConstraint(condition=Q(amount__gte=F("held") + F("spent")), name="budget_never_overspent"),
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {money.show(self.amount, self.currency)}"

    @property
    def free(self) -> int:
        """What may still be held, in minor units, as of this copy of the row."""
        return self.amount - self.held - self.spent


class Closing(models.Model):
    """A month of an organization's books that is closed, with all before it: nothing is posted into it any more.

    Append-only: a closed month is never opened again; what comes later is posted into the next.
    """

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="closings")
    month = models.DateField(help_text=_("Its first day."))
    until = models.DateTimeField(help_text=_("Entries before then are closed; midnight, UTC, after its last day."))
    entries = models.PositiveIntegerField(help_text=_("How many were posted in it."))
    postings = models.PositiveIntegerField()
    sha256 = models.CharField(
        max_length=64, help_text=_("Of the postings since the closing before, in their order, and of that one's.")
    )
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("-month",)
        verbose_name = _("closed month")
        constraints = [
            models.UniqueConstraint(fields=["organization", "month"], name="month_closed_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="closed_month_by_its_first_day"),
            models.CheckConstraint(condition=Q(closed_at__gte=F("until")), name="month_closed_when_it_is_over"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
