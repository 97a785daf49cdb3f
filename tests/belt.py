"""The belt without its motor: every step that the rows say is due, done here and now."""

from apps.pipeline import actors
from apps.pipeline.motor import Next
from apps.pipeline.outstanding import outstanding


def run(*, rounds: int = 50) -> list[str]:
    """Do what is outstanding until nothing is; return the names of the steps done, in order."""
    done = []
    for _ in range(rounds):
        found = due()
        if not found:
            return done
        for each in found:
            follow(each)
            done.append(each.step)
    raise RuntimeError(f"still due after {rounds} rounds: {due()}")


def due() -> list[Next]:
    """Return what the rows say is due, each once."""
    return list(dict.fromkeys(outstanding()))


def sweep() -> None:
    """Do what is due, and lose every message of what follows from it."""
    for each in due():
        actors.MOTOR.steps[each.step].run(each.pk)


def follow(each: Next) -> None:
    """Do a step and all that follows from it."""
    for following in actors.MOTOR.steps[each.step].run(each.pk):
        follow(following)
