"""Sends from a process, from a child it forked after having used its broker, and from itself again."""

import json
import os
import signal
import sys

from crew import set_up


def main() -> None:
    set_up(json.loads(sys.argv[1]))
    import toys

    from apps.pipeline.motor import Next
    from labelcrowd import broker

    toys.MOTOR.send([Next("toy_work", 1)])
    inherited = broker.broker()
    child = os.fork()
    signal.alarm(15)
    toys.connection.close()  # Django's own connection isn't ours to share
    if child:
        _, status = os.waitpid(child, 0)
        toys.MOTOR.send([Next("toy_work", 4)])
        sys.exit(os.waitstatus_to_exitcode(status))
    toys.MOTOR.send([Next("toy_work", 2), Next("toy_work", 3)])
    if broker.broker() is inherited:
        sys.exit("the child speaks on its parent's sockets")


if __name__ == "__main__":
    main()
