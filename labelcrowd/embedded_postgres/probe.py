"""Whether a server answers, found out by asking it: a pid says nothing."""

import enum
import subprocess
from pathlib import Path

from labelcrowd.embedded_postgres.binaries import Binaries
from labelcrowd.embedded_postgres.folders import PORT, ROLE


class Answer(enum.Enum):
    """What came back from a socket."""

    READY = 0
    NOT_YET = 1
    NOTHING = 2


def ask(binaries: Binaries, socket_folder: Path) -> Answer:
    """Knock at the socket: sessions are taken, or not now (starting, recovering, stopping), or all is silent."""
    arguments = [
        "--quiet",
        "--timeout=5",
        f"--host={socket_folder}",
        f"--port={PORT}",
        "--dbname=postgres",
        f"--username={ROLE}",
    ]
    knocked = subprocess.run([binaries.program("pg_isready"), *arguments], check=False, cwd="/", env={"LC_ALL": "C"})
    return Answer(min(knocked.returncode, Answer.NOTHING.value))
