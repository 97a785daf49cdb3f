"""The supervisor keeps its programs, and takes them with it however it ends."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
HEAD = """
import os, signal, sys, time
from pathlib import Path
from labelcrowd.supervisor import AtEnd, Program, run
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background were told to ignore it
"""
# Programs for the supervisor to run.
DEAF = """
import os, signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("deaf, pid", os.getpid(), flush=True)
time.sleep(99)
"""
POLITE = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("bye"), sys.exit()))
print("pid", os.getpid(), flush=True)
time.sleep(99)
"""
PARENT = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {child!r}], start_new_session={own_session})
print("pid", os.getpid(), flush=True)
time.sleep({seconds})
os.kill(os.getpid(), 9)
"""


def parent_of(child: str, *, seconds: float = 99, own_session: bool = False) -> str:
    """Return a program that starts another and dies after a while."""
    return PARENT.format(child=child, seconds=seconds, own_session=own_session)


@pytest.fixture
def supervise() -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Run a few lines that call `run` in a process of their own."""
    started: list[subprocess.Popen[str]] = []
    timers: list[Timer] = []  # a test that waits for what never comes must end

    def start(lines: str) -> "subprocess.Popen[str]":
        code = HEAD + "def python(code): return [sys.executable, '-c', code]\n" + textwrap.dedent(lines)
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        started.append(process)
        timers.append(Timer(120, process.kill))
        timers[-1].start()
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)
    for timer in timers:
        timer.cancel()


def lines_until(process: "subprocess.Popen[str]", *texts: str) -> list[str]:
    """Read output until every text was seen, in any order."""
    assert process.stdout
    missing, seen = set(texts), []
    for line in process.stdout:
        seen.append(line.rstrip())
        missing -= {text for text in missing if text in line}
        if not missing:
            return seen
    raise AssertionError(f"{missing} not in {seen}")


def eventually(claim: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether a claim becomes true within the time."""
    deadline = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_there(pid: int) -> bool:
    """Whether a process lives and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pids(lines: list[str]) -> list[int]:
    """Return the numbers that programs printed after 'pid'."""
    return [int(line.rsplit("pid ", 1)[1]) for line in lines if "pid " in line]


def test_lines_carry_their_programs_name_and_the_environment_is_passed(supervise):
    said = supervise("""
        hello = python("import os; print('hello', os.environ['WHO'])")
        run([Program("web", hello, {"WHO": "there"}, at_end=AtEnd.NOTHING),
             Program("worker", python("import time; time.sleep(1)"), at_end=AtEnd.STOP_ALL)])
    """)

    seen = lines_until(said, "hello")

    assert seen == ["web    | hello there"]


def test_a_crashed_program_is_started_again_after_a_pause_that_doubles(supervise):
    supervisor = supervise("run([Program('web', python('import sys, time; print(time.time()); sys.exit(7)'))])")

    seen = lines_until(supervisor, "in 1 s", "in 2 s", "in 4 s")
    starts = [float(line.split("| ")[1]) for line in seen if "status 7" not in line]

    assert starts[1] - starts[0] >= 1
    assert starts[2] - starts[1] >= 2


def test_a_program_that_never_does_well_ends_everything_with_a_failure(supervise):
    supervisor = supervise("""
        import labelcrowd.supervisor as s
        s.FIRST_PAUSE_SECONDS = 0.05
        print("all end", run([Program("web", python("import sys; sys.exit(3)")),
                              Program("worker", python("import os, time; print('pid', os.getpid()); time.sleep(99)"))]))
    """)

    seen = lines_until(supervisor, "all end")

    assert "web    | ended with status 3 on each of 5 starts" in seen
    assert seen[-1] == "all end 1"
    assert not is_there(*pids(seen))


def test_a_program_that_cannot_be_started_ends_everything_with_a_sentence(supervise):
    supervisor = supervise("print('all end', run([Program('web', ['/no/such/program'])]))")

    seen = lines_until(supervisor, "all end")

    assert seen == ["web | cannot be started: /no/such/program: No such file or directory", "all end 1"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_program_and_its_children_cleanly(supervise, number):
    supervisor = supervise(f"""
        programs = [Program("web", python({parent_of(POLITE)!r})), Program("worker", python({POLITE!r}))]
        print("all end", run(programs))
    """)
    seen = []
    while len(pids(seen)) < 3:
        seen += lines_until(supervisor, "pid ")

    supervisor.send_signal(number)
    seen += lines_until(supervisor, "all end 0")

    assert supervisor.wait(5) == 0
    assert sum(line.endswith("| bye") for line in seen) == 2
    assert not any(is_there(pid) for pid in pids(seen))


def test_a_program_deaf_to_signals_is_killed_after_the_grace(supervise):
    supervisor = supervise(f"""
        print("all end", run([Program("web", python({DEAF!r}))], grace_seconds=1))
    """)
    lines_until(supervisor, "deaf")
    asked_at = time.monotonic()

    supervisor.terminate()
    lines_until(supervisor, "all end 0")

    assert 1 <= time.monotonic() - asked_at < 5


def test_a_second_signal_cuts_the_grace_short(supervise):
    supervisor = supervise(f"print('all end', run([Program('web', python({DEAF!r}))], grace_seconds=60))")
    lines_until(supervisor, "deaf")

    supervisor.terminate()
    time.sleep(0.5)
    supervisor.terminate()

    assert supervisor.wait(5) == 0


def test_nothing_outlives_a_killed_supervisor_not_even_deaf_grandchildren(supervise):
    supervisor = supervise(f"""
        run([Program("web", python({parent_of(DEAF)!r})), Program("worker", python({DEAF!r}))], grace_seconds=1)
    """)
    seen: list[str] = []
    while len(pids(seen)) < 3:
        seen += lines_until(supervisor, "pid ")

    supervisor.kill()

    assert eventually(lambda: not any(is_there(pid) for pid in pids(seen)))


def test_what_a_dead_leader_left_behind_is_gone_before_it_is_started_again(supervise):
    supervisor = supervise(f"run([Program('web', python({parent_of(DEAF, seconds=1)!r}))], grace_seconds=1)")

    seen = lines_until(supervisor, "deaf, pid")
    seen += lines_until(supervisor, "starting it again")
    seen += lines_until(supervisor, "deaf, pid")

    first, second = (int(line.rsplit(" ", 1)[1]) for line in seen if "deaf, pid" in line)
    assert not is_there(first)
    assert is_there(second)


def test_programs_that_wait_start_when_the_others_are_ready_and_ready_is_told_once(supervise, tmp_path):
    supervisor = supervise(f"""
        flag = Path({str(tmp_path / "ready")!r})
        web = "import time, pathlib; time.sleep(1); print('web is up', flush=True);"
        web += f"pathlib.Path('{{flag}}').touch(); time.sleep(99)"
        print("all end", run([Program("crowd", python("print('crowd works')"), waits=True, at_end=AtEnd.STOP_ALL),
                              Program("web", python(web), is_ready=flag.exists)], on_ready=lambda: print("ready")))
    """)

    seen = lines_until(supervisor, "all end")

    assert seen == ["web   | web is up", "ready", "crowd | crowd works", "all end 0"]


def test_the_status_of_the_program_that_ends_all_is_ours(supervise):
    supervisor = supervise("""
        sys.exit(run([Program("crowd", python("import sys; sys.exit(4)"), at_end=AtEnd.STOP_ALL)]))
    """)

    assert supervisor.wait(10) == 4


def test_orphans_of_others_are_reaped_when_they_fall_to_us(supervise):
    orphan = "import os, time; print('orphan', os.getpid(), flush=True); time.sleep(0.5)"
    supervisor = supervise(f"""
        import ctypes
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: what a container's first process is by birth
        run([Program("web", python({parent_of(orphan, seconds=0, own_session=True)!r}), at_end=AtEnd.NOTHING),
             Program("worker", python("import time; time.sleep(99)"))])
    """)

    pid = lines_until(supervisor, "orphan")[-1].rsplit(" ", 1)[1]

    assert eventually(lambda: not Path(f"/proc/{pid}").exists())
