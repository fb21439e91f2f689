"""What the measurements were made on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable

from bench.peers import PEERS, ROOT, Peer
from bench.workload import PROGRAMS


def cpu_model() -> str:
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def source_revision() -> str | None:
    """The commit that is measured, with a mark if files differ from it."""
    try:
        command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def versions(peers: Iterable[Peer]) -> dict[str, str]:
    """The version of each package that the peers name, asked of the environments that they run in."""
    found: dict[str, str] = {}
    for peer in peers:
        command = [peer.python, str(PROGRAMS / "versions.py"), *peer.packages]
        found |= json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def describe(threads: int, peers: Iterable[str]) -> dict[str, str]:
    """Machine, system and versions, by name."""
    memory, revision = memory_bytes(), source_revision()
    facts = {
        "CPU": cpu_model(),
        "cores": f"{os.cpu_count()}, of which each peer uses {threads}",
        "memory": "unknown" if memory is None else f"{memory / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
    }
    if revision:
        facts["revision"] = revision
    return facts | versions(PEERS[name] for name in peers)
