"""A loader that does what the file says, for tests of what a loader may not do."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from natoqa.errors import UnreadableFile
from natoqa.limits import Limits
from natoqa.loaders.loaded import Loaded
from natoqa.types import Metadata

LOADERS = {".do": "misbehaving", ".txt": "natoqa.loaders.text", ".md": "natoqa.loaders.markdown"}
_kept: list[bytearray] = []


def load(data: bytes, limits: Limits) -> Loaded:
    """The text is what the action named by ``data`` returns; what follows a space is its argument."""
    action, _, argument = data.decode().partition(" ")
    return Loaded(_ACTIONS[action](argument), (), Metadata())


def _hang(_: str) -> str:
    time.sleep(60)
    return "awake"


def _hold_the_interpreter(_: str) -> str:
    import re

    return str(re.match(r"(a|aa)+$", "a" * 60 + "b"))  # no other Python code runs meanwhile


def _crash(_: str) -> str:
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.abort()


def _eat(megabytes: str) -> str:
    kept = bytearray(int(megabytes) * 1_000_000)
    return f"{len(kept)} bytes"


def _keep(megabytes: str) -> str:
    _kept.append(bytearray(int(megabytes) * 1_000_000))
    return "kept"


def _eat_and_disguise(_: str) -> str:
    try:
        return _eat("4000")
    except Exception as error:
        raise UnreadableFile("it is not readable") from error


def _recurse(argument: str) -> str:
    return _recurse(argument)


def _fail(_: str) -> str:
    raise TypeError("a fault\nof two lines")


def _be_noisy(_: str) -> str:
    for descriptor in (1, 2):
        os.write(descriptor, b"x" * 100_000)
    print("noise", flush=True)
    print("noise", file=sys.stderr, flush=True)
    return "quiet"


def _write_a_file(_: str) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
        file.flush()
        return f"{Path(file.name).stat().st_size} bytes"


def _connect(address: str) -> str:
    host, port = address.split()
    with socket.create_connection((host, int(port)), timeout=5):
        return "connected"


def _start_a_program(_: str) -> str:
    return subprocess.check_output([sys.executable, "-c", "print('started')"], text=True)


def _say_who(_: str) -> str:
    return str(os.getpid())


def _mark_and_hang(path: str) -> str:
    os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # of a pipe, whose other end can then be opened
    return _hang("")


def _change_files(argument: str) -> str:
    action, path = argument.split()
    changes: Mapping[str, Callable[[], object]] = {
        "open": lambda: os.open(path + "2", os.O_CREAT | os.O_WRONLY),
        "append": lambda: Path(path).open("a"),  # noqa: SIM115 - it is not to be opened at all
        "remove": lambda: Path(path).unlink(),
        "rename": lambda: Path(path).rename(path + "2"),
        "mkdir": lambda: Path(path + "2").mkdir(),
        "truncate": lambda: os.truncate(path, 1),
        "symlink": lambda: Path(path + "2").symlink_to(path),
        "chmod": lambda: Path(path).chmod(0o777),
    }
    return str(changes[action]())


def _raise_limits(_: str) -> str:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "raised"


def _say_limits(_: str) -> str:
    limits = (resource.getrlimit(what) for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE))
    return " ".join(str(limit) for pair in limits for limit in pair)


_ACTIONS: Mapping[str, Callable[[str], str]] = {
    "hang": _hang,
    "hold": _hold_the_interpreter,
    "crash": _crash,
    "eat": _eat,
    "keep": _keep,
    "disguise": _eat_and_disguise,
    "recurse": _recurse,
    "fail": _fail,
    "noise": _be_noisy,
    "write": _write_a_file,
    "connect": _connect,
    "start": _start_a_program,
    "who": _say_who,
    "change": _change_files,
    "raise": _raise_limits,
    "limits": _say_limits,
    "environment": lambda _: " ".join(os.environ),
    "repeat": lambda times: "x" * int(times),
    "mark": _mark_and_hang,
    "exit": lambda _: sys.exit(0),
    "echo": lambda argument: argument,
}
