"""What processes cost, read from /proc: processor time with that of children who ended, and memory."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Stat:
    parent: int
    seconds: float  # of processor time, with that of its children who ended and were waited for


def below(roots: Iterable[int]) -> set[int]:
    """Return the processes with these ids and all their descendants."""
    stats = {pid: stat for pid in _pids() if (stat := read(pid))}
    found = set(roots) & set(stats)
    while more := {pid for pid, stat in stats.items() if stat.parent in found} - found:
        found |= more
    return found


def read(pid: int) -> Stat | None:
    """Return a process' figures, None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return Stat(int(fields[1]), sum(int(ticks) for ticks in fields[11:15]) / TICK)


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time of these processes so far."""
    return sum(stat.seconds for pid in pids if (stat := read(pid)))


def mib(pids: Iterable[int]) -> float:
    """Return the memory of these processes, shared pages divided among those who share them (PSS)."""
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]
