"""What every bench prints: one JSON line a case, with the same fields, and the CPU and memory that processes used.

Knows /proc, so the figures of CPU and memory are Linux's; elsewhere they are those of this process alone.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1_048_576


def machine() -> str:
    """What the figures were made on."""
    model = ""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip() + ", "
                break
    except OSError:
        pass
    return f"{model}{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which `share` of `times` lies; 0 for none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def line(
    *,
    bench: str,
    case: str,
    rate: float,
    cpu_s_per_1000: float | None = None,
    times_ms: Sequence[float] = (),
    rss_mb: float | None = None,
    out: TextIO = sys.stdout,
    **more: object,
) -> dict[str, object]:
    """Print one case and answer it. `times_ms` gives p50 and p99; further fields go after the common ones."""
    fields: dict[str, object] = {
        "bench": bench,
        "case": case,
        "rate": round(rate, 1),
        "cpu_s_per_1000": None if cpu_s_per_1000 is None else round(cpu_s_per_1000, 4),
        "p50_ms": round(percentile(times_ms, 0.50), 2) if times_ms else None,
        "p99_ms": round(percentile(times_ms, 0.99), 2) if times_ms else None,
        "rss_mb": round(rss_mb if rss_mb is not None else own_rss_mb(), 1),
        **more,
        "machine": machine(),
    }
    print(json.dumps(fields), file=out, flush=True)
    return fields


def own_rss_mb() -> float:
    """The most memory that this process has held."""
    unit = 1_048_576 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def family(roots: Iterable[int]) -> set[int]:
    """These processes and all that descend from them, now."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found = set(roots)
    grown = True
    while grown:
        grown = False
        for child, parent in parents.items():
            if parent in found and child not in found:
                found.add(child)
                grown = True
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system CPU of these processes and their living descendants, and of the children they have reaped."""
    ticks = 0
    for pid in family(roots):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICK


def rss_mb(roots: Iterable[int]) -> float:
    """Resident memory of these processes and their descendants; pages they share count once a process."""
    total = 0.0
    for pid in family(roots):
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
        except (OSError, IndexError):
            continue
    return total
