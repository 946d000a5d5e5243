"""CPU time per request, of a server's process tree and of the database's, and a keep-alive client to cause it."""

import http.client
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


def tree(root: int) -> set[int]:
    """A process and all its living descendants."""
    parents: dict[int, int] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def cpu_seconds(root: int) -> float:
    """On-CPU time of all threads of the tree, in seconds, to the nanosecond (the scheduler's own account)."""
    total = 0
    for pid in tree(root):
        try:
            total += sum(
                int((task / "schedstat").read_text().split()[0]) for task in (PROC / str(pid) / "task").iterdir()
            )
        except OSError:
            continue
    return total / 1e9


def resident_mib(root: int) -> float:
    """Proportional set size of the tree in MiB."""
    total = 0
    for pid in tree(root):
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU per request, and the answer's size in bytes."""

    server: float
    database: float
    bytes: int

    @property
    def total(self) -> float:
        return self.server + self.database

    def __str__(self) -> str:
        return f"{self.server:.2f} + {self.database:.2f}"


def get(connection: http.client.HTTPConnection, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def measure(
    port: int,
    paths: Iterable[str],
    server: int,
    database: int | None,
    requests: int,
    headers: dict[str, str] | None = None,
) -> Cost:
    """Cost of `requests` requests over one connection, after a warm-up of a tenth of them; paths are used in turn.

    Raises:
        RuntimeError: an answer that is not 200: a refusal would be cheap.
    """
    choice = list(paths)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    size = 0

    def run(count: int) -> None:
        nonlocal size
        for number in range(count):
            path = choice[number % len(choice)]
            status, body = get(connection, path, headers)
            if status != 200:
                raise RuntimeError(f"{path}: {status} {body[:300]!r}")
            size = len(body)

    run(max(3, requests // 10))
    before = cpu_seconds(server), cpu_seconds(database) if database else 0.0
    run(requests)
    after = cpu_seconds(server), cpu_seconds(database) if database else 0.0
    connection.close()
    return Cost((after[0] - before[0]) * 1000 / requests, (after[1] - before[1]) * 1000 / requests, size)


def best(runs: int, one: Callable[[], Cost]) -> Cost:
    """The run with the least CPU: the machine's other work only adds."""
    return min((one() for _ in range(runs)), key=lambda cost: cost.total)


def wait_for(port: int, path: str, seconds: float = 60) -> None:
    """Until the server answers 200."""
    end = time.monotonic() + seconds
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            if get(connection, path)[0] == 200:
                return
        except OSError:
            pass
        if time.monotonic() > end:
            raise RuntimeError(f"no answer from port {port} in {seconds} s")
        time.sleep(0.02)
