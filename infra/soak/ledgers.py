"""Both sides of a siege of the market, compared: nothing is there twice, and both ledgers say the same to the cent."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Sum

from apps.channels import discovery
from apps.channels.base import Cost
from apps.channels.models import Claim, Publication
from apps.ledger import queries as books
from apps.ledger.models import Account, Budget, Posting
from apps.members.models import Organization, Trail
from apps.payments.models import Obligation, Settlement, SignOff
from apps.pipeline import market_booking, market_books, market_debts, market_decisions
from apps.turkapi.models import Hit

CURRENCY = "USD"
LIMIT = 20  # from so much of a person's day on a second one agrees
DECISIONS = (
    market_decisions.ACCEPT, market_decisions.BOOK_AS_PAID, market_decisions.PAY_BESIDES, market_debts.PAY_OTHERWISE,
    market_booking.BOOK_LISTED,
)  # fmt: skip
TAKEN = 3  # cents of a bonus that somebody gave at the market by hand, and that was taken for settled


@dataclass
class Ledgers:
    """Who asks a market, and the market's requester; what was taken for settled stands in the latter's books alone."""

    asking: Organization
    requester: Organization
    taken: int = 0

    def broken(self) -> Iterator[str]:
        """Yield a sentence for each thing that is there twice, or that the two ledgers say differently."""
        offered = Publication.objects.filter(campaign__organization=self.asking).exclude(name="")
        hits = Hit.objects.filter(type__organization=self.requester)
        if sorted(map(str, hits)) != sorted(offered.values_list("name", flat=True)):
            yield f"{hits.count()} HITs are offered, {offered.count()} are known here"
        yield from _differ("what the market paid", self._settled(), self._owed_there())
        yield from _differ("entries of what was paid", self.paid, self._posted_there())
        ours = self._spent(self.asking) - sum(self._otherwise()) + self._taken().total
        yield from _differ("what the accounts lost", [ours], [self._spent(self.requester)])
        for kind in ("rewards and bonuses", "fees"):
            yield from _differ(kind, self._sums(kind), self._sums_there(kind))
        if unpaid := Obligation.objects.filter(organization=self.asking, settlement=None).count():
            yield f"{unpaid} times somebody is owed, and was not paid"
        yield from self._unsigned()
        if held := Budget.objects.filter(organization=self.asking, held__gt=0).count():
            yield f"{held} budgets still hold money"
        if imbalances := books.imbalances():
            yield f"the books are out of balance: {imbalances[0]}"
        for row in market_books.compare(self.asking):
            if not row.agrees:
                yield f"the lists differ: {row.differences}, {row.orphans}, {row.unread} not read"

    def _unsigned(self) -> Iterator[str]:
        """Yield a sentence for what was decided without who must sign it, and for what was signed and never decided."""
        mine = SignOff.objects.filter(organization=self.asking)
        given = mine.exclude(needs_second=True, signed_by=None)
        if waiting := mine.filter(needs_second=True, signed_by=None, refused_by=None).count():
            yield f"{waiting} decisions wait for a second person"
        by = given.filter(signed_by=None).values_list("asked_by__email").annotate(sum=Sum("amount"))
        for email, alone in by:
            if alone >= LIMIT:
                yield f"{email} alone decided about {alone} cents in a day"
        done = Trail.objects.filter(organization=self.asking, verb__in=DECISIONS).values_list("verb", "subject")
        signed = given.filter(verb__in=DECISIONS).values_list("verb", "subject")
        yield from _differ("what was decided", list(done), list(signed), whose="signed")

    @property
    def paid(self) -> list[int]:
        """What our entries say that left us by the market, payment by payment, in cents."""
        rows = Posting.objects.filter(entry__organization=self.asking, entry__kind="market")
        paid = [f"market:{row.obligation_id}" for row in self._by_the_market()]
        mine = rows.filter(account__kind=Account.Kind.PAYABLE, entry__reference__in=paid)
        return [*mine.values_list(F("amount") * -1, flat=True), *self.taken * [TAKEN]]

    def _settled(self) -> list[Any]:
        """Return what our books say that the market paid, as it calls that; what we took for settled with it."""
        rows = self._by_the_market().select_related("obligation")
        slots = set(Claim.objects.filter(publication__campaign__organization=self.asking).values_list("assignment"))
        found = [("work" if (row.receipt,) in slots else "bonus", row.obligation.amount) for row in rows]
        return [*found, *self.taken * [("bonus", TAKEN)]]

    def _by_the_market(self) -> QuerySet[Settlement]:
        own = Settlement.objects.filter(obligation__organization=self.asking)
        return own.exclude(receipt=market_debts.RECEIPT)

    def _otherwise(self) -> list[int]:
        own = Settlement.objects.filter(obligation__organization=self.asking, receipt=market_debts.RECEIPT)
        return list(own.values_list("obligation__amount", flat=True))

    def _taken(self) -> Cost:
        """Return what the market paid and took of what we took for settled."""
        one = discovery.of("mturk").quote_bonus(TAKEN)
        return Cost(self.taken * one.rewards, self.taken * one.fees)

    def _owed_there(self) -> list[Any]:
        return list(Obligation.objects.filter(organization=self.requester).values_list("kind", "amount"))

    def _posted_there(self) -> list[Any]:
        rows = Posting.objects.filter(entry__organization=self.requester, account__kind=Account.Kind.PAYABLE)
        return list(rows.values_list("amount", flat=True))

    def _spent(self, of: Organization) -> int:
        """Return by how much what was deposited is more than what is left in the funds and in budgets."""
        left = Posting.objects.filter(
            account__organization=of, account__kind__in=[Account.Kind.FUNDS, Account.Kind.BUDGET]
        ).exclude(entry__kind="deposit")
        return -(left.aggregate(sum=Sum("amount"))["sum"] or 0)

    def _sums(self, what: str) -> list[Any]:
        if what == "fees":
            booked = books.balance(self.asking, kind="fees", owner="channel:mturk", currency=CURRENCY)
            return [booked + self._taken().fees]
        return [sum(self.paid)]

    def _sums_there(self, what: str) -> list[Any]:
        if what == "fees":
            return [books.balance(self.requester, kind="fees", owner="service:mturk", currency=CURRENCY)]
        return [books.balance(self.requester, kind="payable", currency=CURRENCY)]


def _differ(what: str, ours: list[Any], theirs: list[Any], *, whose: str = "the market's") -> Iterator[str]:
    own, other = Counter(ours), Counter(theirs)
    if own != other:
        yield f"{what}: only ours {dict(own - other)}, only {whose} {dict(other - own)}"
