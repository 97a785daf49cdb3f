"""The command line: `python -m labelcrowd.embedded_postgres run|status|stop DATA_ROOT`, or `... orphans`."""

import argparse
import sys
from pathlib import Path

from labelcrowd.embedded_postgres import EmbeddedPostgresError, Wishes, binaries, client
from labelcrowd.embedded_postgres.folders import claim, orphans
from labelcrowd.embedded_postgres.guardian import guard


def main() -> int:
    """Run one command and return its exit status."""
    asked = _parser().parse_args()
    try:
        return _obey(asked)
    except EmbeddedPostgresError as error:
        print(error, file=sys.stderr)
        return 1


def _obey(asked: argparse.Namespace) -> int:
    match asked.command:
        case "guard":
            wheel = binaries.Binaries(asked.site, asked.wheel_version)
            wishes = Wishes(throw_away=asked.throw_away, max_connections=asked.max_connections)
            return guard(claim(asked.data_root), wheel, wishes, foreground=False)
        case "run":
            wishes = Wishes(max_connections=asked.max_connections)
            return guard(claim(asked.data_root), binaries.find(), wishes, foreground=True)
        case "orphans":
            for home in orphans():
                print(home)
        case "stop":
            print("stopped" if client.stop(asked.data_root) else "was not running")
        case "status":
            print(client.status(asked.data_root))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m labelcrowd.embedded_postgres", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "guard": "start a detached guardian (clients do this by themselves)",
        "run": "run the server in the foreground until SIGTERM or SIGINT",
        "stop": "stop the server",
        "status": "say how the server is",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("data_root", type=Path)
        if name in ("guard", "run"):
            command.add_argument("--max-connections", type=int, default=Wishes().max_connections)
        if name == "guard":
            command.add_argument("--site", type=Path, required=True)
            command.add_argument("--wheel-version", required=True)
            command.add_argument("--throw-away", action="store_true")
    commands.add_parser("orphans", help="list databases in /var/lib/labelcrowd whose checkout is gone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
