"""The whole of labelcrowd on one command."""

from typing import Any

from django.conf import settings
from django.core.management import call_command

from apps.console import programs
from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser
from apps.console.demo import acting, loading
from labelcrowd import supervisor
from labelcrowd.supervisor import AtEnd, Program


class Command(Base):
    help = (
        "Load the demo's campaigns, serve labelcrowd, let a crowd with known error rates complete them over HTTP, and "
        "say what came out of it; then go on serving until Ctrl-C."
    )
    expected = (programs.PortTaken, acting.Unfinished)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="end when the summary is told, instead of going on")
        parser.add_argument("--act", action="store_true", help="only the crowd's part, while labelcrowd is served")

    def run(self, port: int, no_serve: bool, act: bool, **options: Any) -> None:
        if not settings.LOOPBACK:
            raise CommandError("the demo is for one machine alone: unset LABELCROWD_LOOPBACK=false")
        url = f"http://127.0.0.1:{port}"
        if act:
            self._act(url, no_serve=no_serve)
            return
        running = programs.all_of(host="127.0.0.1", port=port)
        self.say("Making the database ready")
        call_command("migrate", verbosity=0)
        self.say("Loading the demo: 1,797 handwritten digits, 7,506 rated words, 60 messages")
        loading.load()
        crowd = Program(
            "crowd",
            programs.manage("demo", "--act", "--port", str(port), *(["--no-serve"] if no_serve else [])),
            at_end=AtEnd.STOP_ALL if no_serve else AtEnd.NOTHING,
            waits=True,
            plain=True,
        )
        raise SystemExit(supervisor.run([*running, crowd]))

    def _act(self, url: str, *, no_serve: bool) -> None:
        self.say(f"The crowd goes to work on {url}")
        balanced = acting.play(url, self.say)
        if not balanced:
            raise SystemExit(1)
        if not no_serve:
            self._invite(url)

    def _invite(self, url: str) -> None:
        self.say(f"\nlabelcrowd is served on {url}; Ctrl-C ends it. Log in as")
        for who in loading.load()[1]:
            place = "/work/" if who.role == "worker" else "/admin/"
            self.say(f"  {who.role:<10} {who.email:<24} {who.password:<16} {url}{place}")
