"""Nobody decides about their own pay: people who work for an organization may be its workers, too."""

from apps.members.models import User
from apps.workforce.models import Worker


class OwnPay(Exception):
    """Who decides about it would get the money."""

    def __init__(self) -> None:
        super().__init__("this is about your own pay, as you are the worker: somebody else decides about it")


def refuse_own_pay(*workers: Worker, by: User | None) -> None:
    """Raise `OwnPay` if one of these workers is the person who decides; a rule (`by` nobody) is nobody's own."""
    if by is not None and any(worker.user_id == by.pk for worker in workers):
        raise OwnPay
