"""The table of the belt: each step, the queue it waits in, and how long it may take.

    Step(steps.settle, queue="judge"),

is all that a new step needs here. Workers find this module by its name.
"""

from apps.pipeline import (
    alerting,
    announcing,
    market_books,
    market_leavings,
    market_letters,
    market_money,
    market_people,
    market_verdicts,
    operations,
    outside,
    people,
    piloting,
    steps,
    telling,
)
from apps.pipeline.motor import Motor, Step
from labelcrowd import broker

FIT_SECONDS = 440  # some ten million judgments, by what `make bench-fit` says of one

MOTOR = Motor(
    Step(steps.bring_in, queue="bulk", seconds=240, given_up=steps.give_up_import, taken_up=steps.take_up_import),
    Step(steps.split, queue="bulk", seconds=120),
    Step(operations.operate, queue="bulk", seconds=240, given_up=operations.give_up, taken_up=operations.take_up),
    Step(steps.settle, queue="judge"),
    Step(steps.settle_all, queue="judge", seconds=120, notify=False, apart=steps.settle_each),  # sent by hand-ins
    Step(steps.combine, queue="judge", seconds=FIT_SECONDS),
    Step(steps.deepen, queue="judge", seconds=FIT_SECONDS),
    Step(piloting.judge_pilot, queue="judge", seconds=240),
    Step(steps.finish, queue="judge", seconds=FIT_SECONDS),
    Step(alerting.alert, queue="judge"),
    Step(steps.expire, queue="work"),
    Step(steps.close, queue="work"),
    Step(steps.release, queue="work"),
    Step(steps.concede, queue="judge"),
    Step(announcing.deliver, queue="outside"),
    Step(announcing.tell_of_hit, queue="outside"),
    Step(telling.mail, queue="outside"),
    Step(people.invite, queue="outside"),
    Step(people.erase, queue="work"),
    Step(outside.publish, queue="outside"),
    Step(outside.offer, queue="outside"),
    Step(outside.collect, queue="outside", seconds=240),
    Step(market_verdicts.pass_on, queue="outside"),
    Step(market_money.remit, queue="outside"),
    Step(market_books.reconcile, queue="outside", seconds=240, again=False),  # sent for each offer that is over
    Step(market_people.grant, queue="outside"),
    Step(market_letters.point_out, queue="outside"),
    Step(market_leavings.forget, queue="outside"),
)

broker.declare(MOTOR.declare)

send = MOTOR.send
sweep = MOTOR.sweep
unpark = MOTOR.unpark
