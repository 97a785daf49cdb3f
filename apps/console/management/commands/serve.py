"""Everything on one machine, under one supervisor."""

from typing import Any

from django.conf import settings
from django.core.management import call_command

from apps.console import programs
from apps.console.commands import Command as Base
from apps.console.commands import CommandError, CommandParser
from labelcrowd import supervisor
from labelcrowd.safety import is_loopback


class Command(Base):
    help = "Run web, worker and scheduler until Ctrl-C; brings the database up to date first."
    expected = (programs.PortTaken,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def run(self, port: int, host: str, **options: Any) -> None:
        if settings.LOOPBACK and not is_loopback(host):
            raise CommandError(
                f"{host} can be reached from outside, and LABELCROWD_LOOPBACK=true waives the second factor and https: "
                "set it to false, and LABELCROWD_HOSTS to the site's names"
            )
        running = programs.all_of(host=host, port=port)
        self.say("bringing the database up to date: the first time takes a minute")
        call_command("migrate", verbosity=0)
        raise SystemExit(supervisor.run(running, on_ready=lambda: self._ready(host, port)))

    def _ready(self, host: str, port: int) -> None:
        self.say(f"labelcrowd is served on http://{programs.address(host, port)}")
        for name, url in programs.links(host, port).items():
            if url != settings.PUBLIC_URL:
                self.say(f"another shell's commands write links that lead here after: export {name}={url}")
