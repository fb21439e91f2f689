"""Who takes part: each peer's environment, how it is installed, and with what settings its processes start."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".bench"
REQUIREMENTS = Path(__file__).parent / "requirements"


class BenchError(Exception):
    """Something that the person running the benchmarks can put right."""


@dataclass(frozen=True)
class Peer:
    """environment: the requirements file whose environment it runs in; None: the one that runs the benchmarks.

    packages: those whose versions the report names.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    environment: str | None = None

    @property
    def python(self) -> str:
        return sys.executable if self.environment is None else str(HOME / self.environment / "bin" / "python")


PEERS = {
    peer.name: peer
    for peer in (
        Peer("thalweg", "Thalweg", ("thalweg", "numpy", "jax")),
        Peer("tensorflow", "TensorFlow", ("tensorflow-cpu", "keras"), "tensorflow"),
        Peer("pytorch", "PyTorch", ("torch",), "pytorch"),
        Peer("tensorboardx", "tensorboardX", ("tensorboardX",), "pytorch"),
        Peer("jax", "JAX", ("jax", "jaxlib")),
        Peer("javascript", "JavaScript (Node)", ()),
    )
}


def install(environment: str) -> None:
    """Make an environment under `.bench/` from its requirements file, unless it is there. Raises BenchError."""
    requirements, folder = REQUIREMENTS / f"{environment}.txt", HOME / environment
    stamp, wanted = folder / "installed", hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {environment} into {folder.relative_to(ROOT)} (once)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    commands = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise BenchError(
                f"{environment} could not be installed:\n{done.stderr.strip()}\nLeave it out with --peers, or see that pip can "
                f"install {requirements.relative_to(ROOT)}."
            )
    stamp.write_text(wanted)


def settings(threads: int) -> dict[str, str]:
    """The environment of every measured process: the same number of threads for all, CPU only, no log lines.

    Python's own settings are left out, so that all packages run from bytecode files, as installed ones do.
    """
    count = str(threads)
    fixed = {
        "OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "MKL_NUM_THREADS": count,  # NumPy, PyTorch
        "TF_NUM_INTRAOP_THREADS": count, "TF_NUM_INTEROP_THREADS": count,  # TensorFlow
        "NPROC": count,  # XLA
        "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "KERAS_HOME": str(HOME / "keras"),
    }  # fmt: skip
    dropped = ("PYTHON", "THALWEG_", "JAX_", "XLA_", "TF_", "KERAS_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    return kept | fixed


def use_cpus(threads: int) -> None:
    """Let this process and those it starts run on so many CPUs only, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def usable_cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
