"""The job engine: child processes, limits, endings, and what a dead server leaves behind. On both databases."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from config.layers import Sharing
from processes.contract import Setting, Value
from processes.jobs.manager import JobLimits, Jobs
from processes.jobs.model import (
    DismissedError,
    FullError,
    Job,
    KeyInUseError,
    NoSuchJobError,
    NotReadyError,
    Order,
    Principal,
    Status,
)
from processes.jobs.owner import gone, owner
from processes.jobs.table import JobTable, Query
from processes.jobs.tasks import Environment
from processes.registry import all_processes
from store.criteria import ALL, PUBLIC, Scope
from tests.processes.jobs import probe

SETTING = Setting({}, date(2026, 1, 1))
PROCESSES = {**all_processes(), "probe": probe.PROCESS}
WAIT = 20


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}"


@pytest.fixture
def start(url: str) -> Iterator[Callable[..., Jobs]]:
    started: list[Jobs] = []

    def make(**limits: Any) -> Jobs:
        started.append(Jobs(url, PROCESSES, Environment(url, {}), JobLimits(**limits)))
        return started[-1]

    yield make
    for one in started:
        one.close()


def order(process: str, inputs: dict[str, Any], scope: Scope = PUBLIC, **more: Any) -> Order:
    resolved = PROCESSES[process].resolve(inputs, SETTING)
    return Order(process, resolved, Principal(scope.key, scope), **more)


def echo(pause: int = 0, scope: Scope = PUBLIC, **more: Any) -> Order:
    return order("echo", {"echo": "a", "pause": pause}, scope, **more)


def until(condition: Callable[[], bool], seconds: float = WAIT) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_job_from_acceptance_to_its_results(start: Callable[..., Jobs]) -> None:
    jobs = start()
    job, future = jobs.submit(echo(request_id="r-1"))
    assert job.status is Status.ACCEPTED
    ended = future.result(WAIT)
    assert ended.job.status is Status.SUCCESSFUL and ended.job.progress == 100
    assert ended.job.request_id == "r-1"
    assert ended.job.started and ended.job.finished and ended.job.created <= ended.job.started <= ended.job.finished
    assert jobs.results(job.id, PUBLIC).results == {
        "seconds": Value("application/json", b"0"),
        "echo": Value("application/json", b'"a"'),
    }


def test_progress_is_reported_while_it_runs(start: Callable[..., Jobs]) -> None:
    jobs = start()
    job, future = jobs.submit(echo(pause=1))
    seen = set()
    while not future.done():
        seen.add(jobs.get(job.id, PUBLIC).progress)
        time.sleep(0.05)
    assert len(seen) > 2 and jobs.get(job.id, PUBLIC).progress == 100


def test_children_are_used_again(start: Callable[..., Jobs]) -> None:
    jobs = start(running=1)
    pids = {jobs.submit(order("probe", {"do": "pid"}))[1].result(WAIT).results["it"].body for _ in range(3)}
    assert len(pids) == 1 and int(pids.pop()) != os.getpid()


@pytest.mark.parametrize(
    ("what", "kind", "says"),
    [
        ("refuse", "input", "do: not this one"),
        ("break", "inside", "log knows"),
        ("die", "inside", "unexpectedly"),
        ("huge", "limit", "bytes"),
        ("spin", "limit", "longer than 1 s"),
    ],
)
def test_every_way_to_fail_is_a_state(start: Callable[..., Jobs], what: str, kind: str, says: str) -> None:
    jobs = start(seconds=1.0, result=1000)
    job, future = jobs.submit(order("probe", {"do": what}))
    ended = future.result(WAIT)
    assert ended.job.status is Status.FAILED and not ended.results
    assert ended.job.failure and ended.job.failure.kind == kind and says in ended.job.failure.message
    assert jobs.results(job.id, PUBLIC).results == {}
    assert jobs.submit(echo())[1].result(WAIT).job.status is Status.SUCCESSFUL


def test_dismissing_ends_cpu_bound_work_within_two_seconds(start: Callable[..., Jobs], tmp_path: Path) -> None:
    jobs = start()
    mark = tmp_path / "pid"
    job, future = jobs.submit(order("probe", {"do": "spin", "mark": str(mark)}))
    until(lambda: mark.exists() and mark.read_text() != "")
    child = int(mark.read_text())
    began = time.monotonic()
    assert jobs.dismiss(job.id, PUBLIC).status is Status.DISMISSED
    assert future.result(2).job.status is Status.DISMISSED
    assert time.monotonic() - began < 2
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    for again in (jobs.get, jobs.dismiss, jobs.results):
        with pytest.raises(DismissedError):
            again(job.id, PUBLIC)


def test_dismissing_a_waiting_job(start: Callable[..., Jobs]) -> None:
    jobs = start(running=1)
    _, first = jobs.submit(echo(pause=1))
    waiting, future = jobs.submit(echo())
    jobs.dismiss(waiting.id, PUBLIC)
    assert future.result(WAIT).job.status is Status.DISMISSED
    assert first.result(WAIT).job.status is Status.SUCCESSFUL


def test_dismissing_an_ended_job_forgets_its_results(start: Callable[..., Jobs]) -> None:
    jobs = start()
    job, future = jobs.submit(echo())
    future.result(WAIT)
    jobs.dismiss(job.id, PUBLIC)
    with pytest.raises(DismissedError):
        jobs.results(job.id, PUBLIC)


def test_too_many_are_refused_with_a_time(start: Callable[..., Jobs]) -> None:
    jobs = start(running=1, waiting=1, retry=7)
    futures = [jobs.submit(echo(pause=1))[1] for _ in range(2)]
    with pytest.raises(FullError) as caught:
        jobs.submit(echo())
    assert caught.value.headers == (("Retry-After", "7"),)
    for one in futures:
        one.result(WAIT)
    until(lambda: not jobs._mine)  # the last thread lets go of its job after the future has spoken
    jobs.submit(echo())[1].result(WAIT)


def test_results_before_the_end_are_not_ready(start: Callable[..., Jobs]) -> None:
    jobs = start()
    job, future = jobs.submit(echo(pause=1))
    with pytest.raises(NotReadyError):
        jobs.results(job.id, PUBLIC)
    future.result(WAIT)


def test_a_job_is_seen_by_those_who_may_see_what_it_could_read(start: Callable[..., Jobs]) -> None:
    jobs = start()
    mine, future = jobs.submit(echo(scope=ALL))
    future.result(WAIT)
    with pytest.raises(NoSuchJobError):
        jobs.get(mine.id, PUBLIC)
    assert jobs.find(Query(), PUBLIC) == ([], 0)
    assert [one.id for one in jobs.find(Query(), ALL)[0]] == [mine.id]
    middle = Scope("some", frozenset({Sharing.UNCONDITIONAL, Sharing.CONDITIONAL}))
    assert jobs.find(Query(), middle)[1] == 0


def test_a_key_makes_one_job(start: Callable[..., Jobs]) -> None:
    jobs = start()
    first, future = jobs.submit(echo(key="k"))
    again, same = jobs.submit(echo(key="k"))
    assert again.id == first.id
    future.result(WAIT)
    assert same.result(WAIT).results == future.result().results
    late, later = jobs.submit(echo(key="k", synchronous=True))
    assert late.id == first.id and later.result(WAIT).results == future.result().results
    with pytest.raises(KeyInUseError):
        jobs.submit(echo(pause=1, key="k"))
    assert jobs.submit(echo(scope=ALL, key="k"))[0].id != first.id
    assert jobs.find(Query(), PUBLIC)[1] == 1


def test_synchronous_runs_are_no_jobs_to_be_seen(start: Callable[..., Jobs]) -> None:
    jobs = start()
    job, future = jobs.submit(echo(synchronous=True))
    assert future.result(WAIT).results["echo"].body == b'"a"'
    assert jobs.find(Query(), ALL) == ([], 0)
    with pytest.raises(NoSuchJobError):
        jobs.get(job.id, ALL)


def test_closing_leaves_no_job_open_and_no_child(url: str, tmp_path: Path) -> None:
    jobs = Jobs(url, PROCESSES, Environment(url, {}))
    mark = tmp_path / "pid"
    running, future = jobs.submit(order("probe", {"do": "spin", "mark": str(mark)}))
    until(lambda: mark.exists() and mark.read_text() != "")
    jobs.close()
    assert future.result(WAIT).job.status is Status.FAILED
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
    table = JobTable(url, owner())
    assert table.get(running.id).status is Status.FAILED
    table.close()


SERVER = """
import sys, time
from tests.processes.jobs.test_manager import *
jobs = Jobs(sys.argv[1], PROCESSES, Environment(sys.argv[1], {}))
done, future = jobs.submit(echo())
future.result(20)
lost, _ = jobs.submit(order("probe", {"do": "spin", "mark": sys.argv[2]}))
print(done.id, lost.id, flush=True)
time.sleep(60)
"""


def test_a_killed_server_loses_no_result_and_its_running_job_fails(url: str, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    server = subprocess.Popen([sys.executable, "-c", SERVER, url, str(mark)], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    done, lost = server.stdout.readline().split()
    until(lambda: mark.exists() and mark.read_text() != "")
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    child = int(mark.read_text())
    until(lambda: not Path(f"/proc/{child}").exists())  # the child ends with its server
    jobs = Jobs(url, PROCESSES, Environment(url, {}))
    assert jobs.results(done, PUBLIC).results["echo"].body == b'"a"'
    state = jobs.get(lost, PUBLIC)
    assert state.status is Status.FAILED and state.failure and "submit it again" in state.failure.message
    jobs.close()


def test_names_of_servers() -> None:
    me = owner()
    assert not gone(me, silent=True)
    host, pid, started = me.split("/")
    assert gone(f"{host}/{pid}/{int(started) + 1}", silent=False)
    assert gone(f"{host}/999999999/1", silent=False)
    assert gone(f"elsewhere/{pid}/{started}", silent=True)
    assert not gone(f"elsewhere/{pid}/{started}", silent=False)


def _job(id: str) -> Job:
    now = datetime.now(UTC)
    return Job(id, "echo", False, Status.ACCEPTED, now, now, "public", "r", PUBLIC.classes, {"echo": "a"})


def check_table(url: str) -> None:
    """One terminal state, one published result: whoever comes second changes nothing."""
    table, other = JobTable(url, "here"), JobTable(url, "there")
    table.insert(_job("1"))
    assert table.start("1") and not other.start("1")
    assert table.report("1", 40, "half") and table.get("1").progress == 40
    assert other.succeed("1", {"a": Value("text/plain", b"\x00\xff"), "b": Value("text/plain", b"")})
    assert not table.succeed("1", {"a": Value("text/plain", b"late")})
    assert not table.dismiss("1") and not table.report("1", 50, "late")
    assert list(table.results("1").items()) == [
        ("a", Value("text/plain", b"\x00\xff")),
        ("b", Value("text/plain", b"")),
    ]
    assert table.get("1").status is Status.SUCCESSFUL
    table.insert(_job("2"))
    assert table.dismiss("2") and not table.start("2") and not table.succeed("2", {})
    assert table.insert(_job("3"), "key").id == "3" and other.insert(_job("4"), "key").id == "3"
    assert [(id, name) for id, name, _ in table.active()] == [("3", "here")]
    before = table.active()[0][2]
    table.sign_of_life()
    assert table.active()[0][2] > before
    with pytest.raises(NoSuchJobError):
        table.get("a\0b")
    assert table.find(Query(processes=()), ALL.classes) == ([], 0)
    found, matched = table.find(Query(limit=1), ALL.classes)
    assert matched == 2 and found[0].id == "3"
    for one in (table, other):
        one.close()


def test_table_on_sqlite(url: str) -> None:
    check_table(url)


@pytest.mark.postgis
def test_table_on_postgresql(postgis_url: str) -> None:
    check_table(postgis_url)
