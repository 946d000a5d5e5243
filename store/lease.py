"""Who is loading a layer: one load at a time, told by an owner's name and the time it was last seen."""

import os
import socket
from datetime import datetime, timedelta
from uuid import uuid4

LEASE = timedelta(minutes=5)
"""How long a load that shows no sign of life keeps its layer. Every batch is a sign of life."""


def owner() -> str:
    """A name for a load of this process."""
    return f"{socket.gethostname()} {os.getpid()} {uuid4()}"


def alive(name: str | None, seen: datetime | None, now: datetime) -> bool:
    """Whether a load is still under way: seen lately, and not by a process of this machine that has ended."""
    if name is None or seen is None or now - seen > LEASE:
        return False
    host, process, _ = name.rsplit(" ", 2)
    return host != socket.gethostname() or _runs(int(process))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
