"""The belt without its motor: every step that the rows say is due, done here and now."""

from apps.pipeline import actors
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding


def run(*, rounds: int = 50) -> list[str]:
    """Do what is outstanding until nothing is; return the names of the steps done, in order."""
    done = []
    for _ in range(rounds):
        due = list(dict.fromkeys(outstanding()))
        if not due:
            return done
        for each in due:
            follow(each)
            done.append(each.step)
    raise RuntimeError(f"still due after {rounds} rounds: {due}")


def follow(each: Next) -> None:
    """Do a step and all that follows from it."""
    for following in actors.MOTOR.steps[each.step].run(each.pk):
        follow(following)
