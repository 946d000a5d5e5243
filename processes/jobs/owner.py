"""The name of a server process in the job table, and whether the bearer of such a name still lives."""

import os
import socket
from contextlib import suppress
from functools import lru_cache
from pathlib import Path


def owner() -> str:
    """`host/pid/start`: the start time tells a process from a later one with the same number."""
    pid = os.getpid()
    return f"{_host()}/{pid}/{_started(pid)}"


def gone(name: str, silent: bool) -> bool:
    """Whether the server `name` has ended. Of another host all that can be known is how long it was `silent`."""
    host, _, rest = name.partition("/")
    pid, _, started = rest.partition("/")
    if host != _host() or not pid.isdigit():
        return silent
    return _started(int(pid)) != started


@lru_cache(maxsize=1)
def _host() -> str:
    return socket.gethostname().replace("/", "_")


def _started(pid: int) -> str:
    """When a process of this machine started, in the system's own count; empty where there is none."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    if Path("/proc/self/stat").exists():
        return ""
    try:  # a system without /proc: the number alone must do
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "?"
    return "?"
