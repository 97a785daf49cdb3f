"""PostgreSQL's data folder and configuration."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from labelcrowd.embedded_postgres.account import Account, own_name
from labelcrowd.embedded_postgres.binaries import MAJOR, Binaries
from labelcrowd.embedded_postgres.errors import EmbeddedPostgresError
from labelcrowd.embedded_postgres.folders import DATABASE, PORT, ROLE, Home

SUPERUSER = "postgres"


@dataclass(frozen=True)
class Wishes:
    """How a server is to run; a throw-away one gives up durability for speed and is deleted when it stops."""

    throw_away: bool = False
    max_connections: int = field(default_factory=lambda: max(100, 25 * (os.cpu_count() or 1)))


def prepare(home: Home, binaries: Binaries, account: Account, socket_folder: Path, wishes: Wishes) -> None:
    """Make the data folder if there is none, refuse one of another major version, and write the configuration."""
    if home.data.exists():
        _require_our_version(home)
    else:
        _make_data(home, binaries, account, wishes)
    _write_configuration(home, account, socket_folder, wishes)


def command(home: Home, binaries: Binaries) -> list[str]:
    """Return the command that runs the server in the foreground."""
    return [
        str(binaries.program("postgres")),
        "-D",
        str(home.data),
        "-c",
        f"config_file={home.conf / 'postgresql.conf'}",
    ]


def _require_our_version(home: Home) -> None:
    version = (home.data / "PG_VERSION").read_text().strip()
    if version != str(MAJOR):
        raise EmbeddedPostgresError(
            f"{home.data} was made by PostgreSQL {version} and these binaries are PostgreSQL {MAJOR}: "
            "make a backup with the release that made it, move the folder away, and restore the backup with this one"
        )


def _make_data(home: Home, binaries: Binaries, account: Account, wishes: Wishes) -> None:
    """Run initdb and make our role and database, beside the final place: a data folder is whole or not there."""
    unfinished = home.path / "data.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    account.give(unfinished, mode=0o700)
    options = [f"--username={SUPERUSER}", "--auth=peer", "--encoding=UTF8", "--locale=C.UTF-8"]
    # The built-in provider sorts alike on every machine and survives upgrades of the C library.
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions"]
    options += ["--no-sync"] if wishes.throw_away else []
    _run([binaries.program("initdb"), f"--pgdata={unfinished}", *options], account)
    _run(
        [binaries.program("postgres"), "--single", "-D", unfinished, "-c", "log_checkpoints=off", SUPERUSER],
        account,
        # The application's role is no superuser: SQL that slips in must not become a shell on this machine.
        said=f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n",
    )
    unfinished.rename(home.data)


def _run(arguments: list[str | Path], account: Account, said: str = "") -> None:
    done = subprocess.run(
        arguments,
        check=False,
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        **account.switch(),
    )
    # A server in single-user mode goes on after a failed statement and exits with 0.
    if done.returncode != 0 or "ERROR:" in done.stdout:
        raise EmbeddedPostgresError(f"{Path(arguments[0]).name} failed with {done.returncode}: {done.stdout.strip()}")


def _write_configuration(home: Home, account: Account, socket_folder: Path, wishes: Wishes) -> None:
    settings: dict[str, str | int] = {
        "hba_file": str(home.conf / "pg_hba.conf"),
        "ident_file": str(home.conf / "pg_ident.conf"),
        "cluster_name": "labelcrowd",
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": '"' + str(socket_folder).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "max_connections": wishes.max_connections,
        # Taken as it is used: the tasks of a million and their indexes find room, and an idle server has little.
        "shared_buffers": "256MB",
        "max_wal_size": "512MB",
        # Three worker processes fewer; what they read ahead is in the page cache anyway at our sizes.
        "io_method": "sync",
        "max_logical_replication_workers": 0,
        # While it recovers from an archive it would otherwise take sessions that can only read.
        "hot_standby": "off",
        "lc_messages": "C.UTF-8",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %d ",
    }
    if wishes.throw_away:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "checkpoint_timeout": "1h"}
        # Emptying a table, as tests do all the time, looks through every buffer.
        settings |= {"wal_level": "minimal", "max_wal_senders": 0, "shared_buffers": "64MB"}
    else:
        settings |= {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
        # A file for each day of the week, emptied when the day comes again.
        settings |= {"logging_collector": "on", "log_directory": str(home.log), "log_filename": "postgresql-%a.log"}
        settings |= {"log_rotation_age": "1d", "log_rotation_size": 0, "log_truncate_on_rotation": "on"}
    lines = ["# Written at every start. Your own settings go to local.conf beside this file, and win."]
    lines += [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    lines += ["include 'local.conf'"]
    if not (home.conf / "local.conf").exists():
        _write(home.conf / "local.conf", ["# Your own settings; they hold from the server's next start."], account)
    _write(home.conf / "postgresql.conf", lines, account)
    _write(home.conf / "pg_hba.conf", ["local all all peer map=labelcrowd"], account)
    names = sorted({own_name(), account.name, "root"})
    _write(
        home.conf / "pg_ident.conf",
        [f'labelcrowd "{name}" {role}' for name in names for role in (ROLE, SUPERUSER)],
        account,
    )


def _quoted(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _write(path: Path, lines: list[str], account: Account) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    with open(unfinished, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    account.give(unfinished, mode=0o640 if account.is_other else 0o600, keep_owner=True)
    os.replace(unfinished, path)
