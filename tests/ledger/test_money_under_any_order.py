"""Whatever people, clocks and retries do to a campaign's pages, the books balance and the budget is kept."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import hypothesis.strategies as st
import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.core import clock
from apps.ledger import queries
from apps.ledger import services as ledger
from apps.ledger.models import Account, Budget, Closing, Entry
from apps.ledger.services import NotEnoughMoney
from apps.payments import queries as payments_queries
from apps.payments import services as payments
from apps.payments.models import Obligation, Payout, Settlement
from apps.work import services as work
from apps.work.errors import NoWork
from apps.work.models import Assignment, Task
from tests.factories import UserFactory, WorkerFactory, number
from tests.running import running, tokens, worker_of


class Crash(Exception):
    """The process dies before its transaction commits."""


class Money(RuleBasedStateMachine):
    """Random operations on one small campaign, each done, done twice, or cut off by a crash."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()  # each run starts from an empty database
        self.travel = time_machine.travel("2026-11-15T12:00:00Z")
        self.now = self.travel.start()

    def teardown(self) -> None:
        self.travel.stop()
        transaction.savepoint_rollback(self.savepoint)

    @initialize(price=st.integers(0, 30), size=st.integers(1, 4), redundancy=st.integers(1, 2))
    def start(self, price: int, size: int, redundancy: int) -> None:
        self.campaign = running(items=8, price=price, page_size=size, redundancy=redundancy, budget=60)
        self.workers = [worker_of(self.campaign) for _ in range(3)]
        self.turker = WorkerFactory(organization=self.campaign.organization, channel="mturk")
        self.fees = 0
        self.person = UserFactory()

    def pick(self, which: int, *states: str) -> Assignment | None:
        pages = list(Assignment.objects.filter(state__in=states).order_by("pk"))
        return pages[which % len(pages)] if pages else None

    @rule(who=st.integers(0, 2))
    def lease(self, who: int) -> None:
        try:
            work.lease(self.campaign, worker=self.workers[who])
        except NoWork:
            pass

    @rule(which=st.integers(0, 9), skips=st.integers(0, 4), twice=st.booleans())
    def submit(self, which: int, skips: int, twice: bool) -> None:
        page = self.pick(which, "leased")
        if page is None:
            return
        answers = {
            token: {"skip": ""} if place < skips else {"answer": "cat"} for place, token in enumerate(tokens(page))
        }
        for _ in range(1 + twice):
            work.submit(page.pk, worker=page.worker, answers=answers)

    @rule(which=st.integers(0, 9))
    def give_back(self, which: int) -> None:
        if page := self.pick(which, "leased", "submitted", "expired"):
            work.give_back(page.pk, worker=page.worker)

    @rule(which=st.integers(0, 9))
    def expire(self, which: int) -> None:
        if page := self.pick(which, "leased", "returned"):
            Assignment.objects.filter(pk=page.pk).update(expires_at=F("leased_at"))
            work.expire(page)

    @rule(which=st.integers(0, 9), crash=st.booleans(), twice=st.booleans())
    def approve(self, which: int, crash: bool, twice: bool) -> None:
        page = self.pick(which, "submitted", "approved")
        if page is None:
            return
        for _ in range(1 + twice):
            try:
                with transaction.atomic():
                    work.approve(page)
                    payments.owe(page)
                    if crash:
                        raise Crash
            except Crash:
                pass

    @rule(which=st.integers(0, 9))
    def reject(self, which: int) -> None:
        if page := self.pick(which, "submitted"):
            work.reject(page)

    @rule(which=st.integers(0, 9))
    def overturn(self, which: int) -> None:
        if page := self.pick(which, "rejected"):
            try:
                with transaction.atomic():
                    work.overturn(page)
                    payments.owe(page)
            except NotEnoughMoney:
                pass

    @rule(which=st.integers(0, 9))
    def dispute_time_passes(self, which: int) -> None:
        if page := self.pick(which, "rejected"):
            Assignment.objects.filter(pk=page.pk).update(disputable_until=F("leased_at"))
            work.release_rejected(page)
            work.release_rejected(page)

    @rule(amount=st.integers(1, 20))
    def top_up(self, amount: int) -> None:
        organization, turn = self.campaign.organization, str(number())
        ledger.deposit(organization, amount=amount, currency="USD", reference=turn)
        ledger.fund(organization, owner=self.campaign.key, amount=amount, currency="USD", reference=turn)

    @rule()
    def give_back_what_is_free(self) -> None:
        ledger.close(self.campaign.key)

    @rule(who=st.integers(0, 2), amount=st.integers(1, 20), twice=st.booleans())
    def bonus(self, who: int, amount: int, twice: bool) -> None:
        self.credit(payments.pay_bonus, who, amount, twice)

    @rule(who=st.integers(0, 2), amount=st.integers(-20, 20).filter(bool), twice=st.booleans())
    def adjust(self, who: int, amount: int, twice: bool) -> None:
        self.credit(payments.adjust, who, amount, twice)

    def credit(self, verb: Callable[..., Obligation], who: int, amount: int, twice: bool) -> None:
        name = str(number())
        for _ in range(1 + twice):
            try:
                verb(self.workers[who], amount=amount, currency="USD", reference=name, reason="why not", by=self.person)
            except NotEnoughMoney:
                pass

    @rule(amount=st.integers(1, 30))
    def refund(self, amount: int) -> None:
        try:
            ledger.refund(
                self.campaign.organization, amount=amount, currency="USD", reference=str(number()), by=self.person
            )
        except NotEnoughMoney:
            pass

    @rule(amount=st.integers(1, 10), crash=st.booleans(), twice=st.booleans())
    def charge(self, amount: int, crash: bool, twice: bool) -> None:
        """A bank or a channel takes a fee out of the funds."""
        name = str(number())
        for _ in range(1 + twice):
            try:
                with transaction.atomic():
                    ledger.charge(self.campaign.organization, amount=amount, currency="USD", reference=name)
                    if crash:
                        raise Crash
            except (Crash, NotEnoughMoney):
                pass

    @rule(amount=st.integers(1, 20), fee=st.integers(0, 5), crash=st.booleans())
    def a_market_pays_a_bonus(self, amount: int, fee: int, crash: bool) -> None:
        """It paid its worker by itself, and took a fee: booked once, and in no payout of ours."""
        try:
            owed = payments.pay_bonus(
                self.turker, amount=amount, currency="USD", reference=str(number()), reason="well done", by=self.person,
                campaign=self.campaign,
            )  # fmt: skip
        except NotEnoughMoney:
            return
        for crashes in (crash, False, False):
            try:
                with transaction.atomic():
                    payments.settle(owed, channel="mturk", receipt="A1", fee=fee)
                    if crashes:
                        raise Crash
            except (Crash, NotEnoughMoney):
                pass

    @rule(fee=st.integers(1, 5), crash=st.booleans())
    def a_market_takes_a_fee_that_the_budget_held(self, fee: int, crash: bool) -> None:
        """A slot is published with its fee held; what the market takes is spent, once, and never over the budget."""
        name = str(number())
        try:
            ledger.hold(self.campaign.key, amount=fee)
        except NotEnoughMoney:
            return
        self.fees += fee
        for crashes in (crash, False, False):
            try:
                with transaction.atomic():
                    ledger.pay_fee(
                        self.campaign.organization, owner=self.campaign.key, taker="channel:mturk", amount=fee,
                        held=fee, currency="USD", reference=f"market_fee:{name}",
                    )  # fmt: skip
                    if crashes:
                        raise Crash
            except Crash:
                pass

    @rule(which=st.integers(0, 9))
    def correct(self, which: int) -> None:
        entries = Entry.objects.filter(organization=self.campaign.organization, kind__in=ledger.CORRECTABLE)
        if entries:
            try:
                ledger.correct(entries.order_by("pk")[which % len(entries)], reason="by mistake", by=self.person)
            except (NotEnoughMoney, ledger.NoCorrection):
                pass  # a market's fee stands

    @rule(crash=st.booleans(), twice=st.booleans())
    def a_month_passes_and_is_closed(self, crash: bool, twice: bool) -> None:
        """From then on nothing is posted into it. Whoever is at work goes on over midnight."""
        month = clock.now().date().replace(day=1)
        later = queries.end_of(month) - clock.now() + timedelta(hours=1)
        for name in ("expires_at", "disputable_until"):
            Assignment.objects.update(**{name: F(name) + later})
        self.now.shift(later)
        for _ in range(1 + twice):
            try:
                with transaction.atomic():
                    payments.close_month(self.campaign.organization, month=month, by=self.person)
                    if crash:
                        raise Crash
            except Crash:
                pass

    @precondition(lambda self: Obligation.objects.filter(payout=None).exists())
    @rule(ends=st.sampled_from(["sent", "failed", "returned", "cancelled", "planned"]), crash=st.booleans())
    def pay_out(self, ends: str, crash: bool) -> None:
        try:
            batch = payments.plan_payouts(self.campaign.organization, currency="USD", by=self.person)
        except payments.NothingOwed:
            return  # adjustments took all of it
        if ends == "planned":
            return
        if ends == "cancelled":
            payments.cancel_batch(batch, by=self.person)
            return
        payments.approve_batch(batch, by=self.person)
        payments.begin_all(batch, by=self.person)
        for payout in Payout.objects.filter(batch=batch):
            if ends == "failed":
                payments.fail(payout, problem="account closed")
                continue
            if crash:
                with suppress(Crash), transaction.atomic():
                    payments.confirm(payout, receipt="bank 7")
                    raise Crash
            payout.refresh_from_db()
            payments.confirm(payout, receipt="bank 7")
            payments.confirm(payout, receipt="bank 7")
            if ends == "returned":
                payments.come_back(payout, problem="account closed")

    @invariant()
    def the_database_agrees(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    @invariant()
    def the_books_balance(self) -> None:
        assert queries.imbalances() == []

    @invariant()
    def closed_months_are_as_they_were(self) -> None:
        for closing in Closing.objects.all():
            assert queries.is_as_it_was_closed(closing)

    @invariant()
    def rows_and_books_say_the_same_of_what_was_earned(self) -> None:
        assert payments_queries.blocks_closing(self.campaign.organization, until=clock.now() + timedelta(days=1)) == []

    @invariant()
    def the_budget_holds_just_what_pages_hold_and_spent_what_is_owed(self) -> None:
        for budget in Budget.objects.all():
            assert budget.held == (Assignment.objects.aggregate(total=Sum("held"))["total"] or 0)
            earned = Obligation.objects.filter(kind="work").aggregate(total=Sum("amount"))["total"] or 0
            assert budget.spent == earned + self.fees

    @invariant()
    def approved_pages_are_owed_once_and_no_others(self) -> None:
        owed = set(Obligation.objects.filter(kind="work").values_list("assignment", "amount"))
        assert owed == set(Assignment.objects.filter(state="approved", pay__gt=0).values_list("pk", "pay"))

    @invariant()
    def payable_is_what_is_owed_and_not_paid(self) -> None:
        owed = Obligation.objects.exclude(payout__state="sent").filter(settlement=None)
        unpaid = owed.aggregate(total=Sum("amount"))["total"] or 0
        for budget in Budget.objects.select_related("organization"):
            assert queries.balance(budget.organization, kind=Account.Kind.PAYABLE, currency="USD") == unpaid

    @invariant()
    def fees_are_what_was_booked_of_them_and_a_market_pays_nobody_that_we_pay(self) -> None:
        of = self.campaign.organization
        settled = Settlement.objects.filter(fee__gt=0).aggregate(total=Sum("fee"))["total"] or 0
        assert queries.balance(of, kind=Account.Kind.FEES, currency="USD", owner="channel:mturk") == settled + self.fees
        assert not Settlement.objects.exclude(obligation__payout=None).exists()
        assert not Payout.objects.filter(worker=self.turker).exists()

    @invariant()
    def nobody_owes_us_and_the_funds_are_not_overdrawn(self) -> None:
        organization = self.campaign.organization
        assert queries.balance(organization, kind=Account.Kind.FUNDS, currency="USD") >= 0
        for worker in self.workers:
            owner = f"worker:{worker.pk}"
            assert queries.balance(organization, kind=Account.Kind.PAYABLE, currency="USD", owner=owner) >= 0

    @invariant()
    def every_payout_is_the_sum_of_its_lines(self) -> None:
        for payout in Payout.objects.annotate(listed=Sum("lines__obligation__amount")):
            assert payout.amount == payout.listed
            held = payout.obligations.aggregate(total=Sum("amount"))["total"] or 0
            assert held == (payout.amount if payout.state in ("planned", "sending", "sent") else 0)

    @invariant()
    def no_task_is_past_its_redundancy(self) -> None:
        for task in Task.objects.all():
            live = task.places.filter(state__in=["open", "answered"]).count()
            assert live == task.taken <= task.wanted


@pytest.mark.django_db
def test_money_is_right_after_any_sequence_of_operations():
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
