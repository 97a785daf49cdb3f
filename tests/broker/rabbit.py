"""A RabbitMQ node of the tests' own: on free loopback ports, with its data in a temporary folder."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 60


def found() -> bool:
    return SERVER.exists()


@contextlib.contextmanager
def node() -> Iterator[str]:
    """Start a node; return its address; stop it and its name server, and nobody else's, at the end."""
    port, names_port, distribution_port = _free_ports(3)
    with tempfile.TemporaryDirectory(prefix="labelcrowd-rabbit-") as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": folder,
            "ERL_EPMD_PORT": str(names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"labelcrowd{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
            **{
                f"RABBITMQ_{name}": f"{folder}/{name.lower()}"
                for name in ("MNESIA_BASE", "LOG_BASE", "PID_FILE", "ENABLED_PLUGINS_FILE", "GENERATED_CONFIG_DIR")
            },
        }
        log = Path(folder, "out")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [SERVER], env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            _wait_for(port, process, log)
            yield f"amqp://guest:guest@127.0.0.1:{port}"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            _end_name_server(names_port)


def _end_name_server(port: int) -> None:
    """End the node's name server, which goes only once it has noticed that the node is gone."""
    until = time.monotonic() + 5
    command = [shutil.which("epmd") or "epmd", "-port", str(port), "-kill"]
    while b"Killed" not in subprocess.run(command, capture_output=True, check=False).stdout:
        if time.monotonic() > until:
            return
        time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while b"Server startup complete" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"RabbitMQ did not start on port {port}:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.1)
