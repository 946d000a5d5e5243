"""Jobs: `submit` records and queues; a supervising thread per running job speaks to its child process.

A server process runs the jobs that it accepted. A job whose server died is marked failed, by the next server that
starts or, where several share a database, by one that runs.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from config.errors import DuoguiError, UnavailableError
from processes.contract import CancelledError, Process, Setting, Value
from processes.inputs import check
from processes.jobs.children import Child, Children
from processes.jobs.model import (
    DismissedError,
    Failure,
    FullError,
    Job,
    NoSuchJobError,
    NoSuchProcessError,
    NotReadyError,
    Order,
    Status,
)
from processes.jobs.owner import gone, owner
from processes.jobs.table import JobTable, Query
from processes.jobs.tasks import Done, Environment, Task
from processes.registry import module_of
from store.criteria import Scope
from store.identity import draw

_LOG = logging.getLogger("duogui.jobs")
_SIGN_OF_LIFE = 15.0
_SILENT = timedelta(seconds=60)
_LOST = Failure("inside", "The server that ran this job ended before the job did; submit it again")
_DIED = Failure("inside", "The job's process ended unexpectedly (killed, or out of memory)")
_FAILED = Failure("inside", "The job failed; the server's log knows its id")


@dataclass(frozen=True, slots=True)
class JobLimits:
    """What one server process takes on: running and waiting jobs, seconds, bytes of a result."""

    running: int = 2
    waiting: int = 50
    seconds: float = 600.0
    synchronous_seconds: float = 60.0
    result: int = 200_000_000
    retry: int = 5


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended: its final state, and the wanted results of a successful one."""

    job: Job
    results: Mapping[str, Value]


@dataclass(slots=True)
class _Running:
    """A job of this server process, from its acceptance to its end."""

    job: Job
    order: Order
    future: "Future[Ended]" = field(default_factory=Future)
    child: Child | None = None
    dismissed: bool = False


class Jobs:
    """The node's job engine; thread-safe."""

    def __init__(
        self, url: str, processes: Mapping[str, Process], environment: Environment, limits: JobLimits | None = None
    ) -> None:
        self.processes = processes
        self.limits = limits or JobLimits()
        self._table = JobTable(url, owner())
        self._children = Children(environment, self.limits.running)
        self._threads = ThreadPoolExecutor(self.limits.running, "job")
        self._mine: dict[str, _Running] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._pulse: threading.Thread | None = None
        self.sweep()
        self._threads.submit(self._children.warm)

    def process(self, id: str) -> Process:
        """A process by its id.

        Raises:
            NoSuchProcessError: lists those that there are.
        """
        found = self.processes.get(id)
        if found is None:
            raise NoSuchProcessError(f"There is no process '{id[:80]}'; there are: {', '.join(self.processes)}")
        return found

    def resolve(self, process: str, inputs: Any, setting: Setting) -> dict[str, Any]:
        """Inputs checked against the description and completed: what an order takes.

        Raises:
            NoSuchProcessError, InputError, ParameterError.
        """
        found = self.process(process)
        return found.resolve(check(found.description, inputs), setting)

    def submit(self, order: Order) -> "tuple[Job, Future[Ended]]":
        """Record a job durably and queue it; the future gives its end. It runs in a copy of the caller's context
        (`contextvars`), so that its log lines carry the caller's request id.

        Raises:
            NoSuchProcessError, KeyInUseError, FullError (too many wait), UnavailableError (the table is locked).
        """
        self.process(order.process)
        with self._lock:
            if self._closing.is_set():
                raise UnavailableError("The server is about to stop")
            if len(self._mine) >= self.limits.running + self.limits.waiting:
                raise FullError(f"{len(self._mine)} jobs are running or waiting; try again later", self.limits.retry)
            running = _Running(_new(order), order)
            self._mine[running.job.id] = running
        try:
            job = self._table.insert(running.job, order.key)
        except BaseException:
            self._mine.pop(running.job.id, None)
            raise
        if job.id != running.job.id:
            self._mine.pop(running.job.id, None)
            return job, self._repeated(job)
        _LOG.info("job %s accepted: %s", job.id, job.process)
        self._threads.submit(copy_context().run, self._supervise, running)
        self._start_pulse()
        return job, running.future

    def get(self, id: str, scope: Scope) -> Job:
        """A job that the caller may see.

        Raises:
            NoSuchJobError: no such job, or one that could read what the caller may not. DismissedError.
        """
        job = self._table.get(id)
        if not job.visible(scope) or job.synchronous:
            raise NoSuchJobError(f"There is no job '{id[:80]}'")
        if job.status is Status.DISMISSED:
            raise DismissedError(f"The job '{id}' was dismissed")
        return job

    def find(self, query: Query, scope: Scope) -> tuple[Sequence[Job], int]:
        """Jobs that the caller may see, newest first, and how many there are in all."""
        return self._table.find(query, scope.classes)

    def results(self, id: str, scope: Scope) -> Ended:
        """The results of a successful job, or how it failed.

        Raises:
            NoSuchJobError, DismissedError; NotReadyError: it has not ended.
        """
        job = self.get(id, scope)
        if not job.status.final:
            raise NotReadyError(f"The job '{id}' is {job.status}, {job.progress} % done; its results are not ready")
        return Ended(job, self._table.results(id))

    def dismiss(self, id: str, scope: Scope) -> Job:
        """Stop a job and forget its results; the answer is its last state.

        Raises:
            NoSuchJobError, DismissedError.
        """
        self.get(id, scope)
        self._table.dismiss(id)
        self._stop(id)
        self._table.forget(id)
        _LOG.info("job %s dismissed", id)
        return self._table.get(id)

    def abandon(self, id: str) -> None:
        """Stop a synchronous job that nobody waits for any more."""
        self._table.dismiss(id)
        self._stop(id)

    def check(self) -> None:
        """Whether jobs can be taken: the table answers.

        Raises:
            UnavailableError, StoreError.
        """
        self._table.active()

    def sweep(self) -> None:
        """Mark failed what no living server runs."""
        silent = datetime.now(UTC) - _SILENT
        for id, name, seen in self._table.active():
            if id not in self._mine and gone(name, seen < silent) and self._table.fail(id, _LOST):
                _LOG.warning("job %s failed: its server %s is gone", id, name)

    def close(self) -> None:
        """Stop: running and waiting jobs fail as lost, children end."""
        self._closing.set()
        for running in list(self._mine.values()):
            self._table.fail(running.job.id, _LOST)
            self._stop(running.job.id)
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._children.close()
        pulse = self._pulse
        if pulse:
            pulse.join(timeout=5)
        self._table.close()

    def _stop(self, id: str) -> None:
        with self._lock:
            running = self._mine.get(id)
            if running:
                running.dismissed = True
        if running and running.child:
            running.child.kill()

    def _repeated(self, job: Job) -> "Future[Ended]":
        running = self._mine.get(job.id)
        if running:
            return running.future
        future: Future[Ended] = Future()
        if job.status.final:
            future.set_result(Ended(job, self._table.results(job.id)))
        else:
            future.set_exception(UnavailableError("The first request with this key is still at work; try again later"))
        return future

    def _supervise(self, running: _Running) -> None:
        """A thread's work: one job to its end."""
        id = running.job.id
        try:
            ended = self._run(running)
            _LOG.info("job %s %s", id, ended.job.status)
            running.future.set_result(ended)
        except Exception as error:  # noqa: BLE001  the boundary of a thread: the job ends whatever happens
            _LOG.exception("job %s cannot be supervised", id)
            self._record_failure(id)
            running.future.set_exception(error)
        finally:
            self._mine.pop(id, None)

    def _record_failure(self, id: str) -> None:
        try:
            self._table.fail(id, _FAILED)
        except DuoguiError:
            _LOG.exception("job %s cannot be marked as failed; the next start will", id)

    def _run(self, running: _Running) -> Ended:
        id, order = running.job.id, running.order
        if running.dismissed or not self._table.start(id):
            return Ended(self._table.get(id), {})
        task = Task(
            job=id,
            process=module_of(self.process(order.process)),
            inputs=order.inputs,
            scope=order.principal.scope,
            largest=self.limits.result,
        )
        outcome = self._run_child(running, task)
        if isinstance(outcome, Failure):
            self._table.fail(id, outcome)
            return Ended(self._table.get(id), {})
        names = running.job.outputs or tuple(outcome.results)
        results = {name: outcome.results[name] for name in names if name in outcome.results}
        keep = order.key is not None or not order.synchronous
        self._table.succeed(id, results if keep else {})
        job = self._table.get(id)
        return Ended(job, results if job.status is Status.SUCCESSFUL else {})

    def _run_child(self, running: _Running, task: Task) -> Done | Failure:
        child = self._children.take()
        with self._lock:
            running.child = child
        if running.dismissed:
            child.kill()

        def report(percent: int, message: str) -> None:
            if not self._table.report(task.job, percent, message):
                child.kill()  # dismissed through another server

        seconds = self.limits.synchronous_seconds if running.order.synchronous else self.limits.seconds
        try:
            return child.run(task, seconds, report)
        except CancelledError:
            return _DIED
        finally:
            self._children.give_back(child)

    def _start_pulse(self) -> None:
        """While jobs are active, say so from time to time, and look for the dead."""
        with self._lock:
            if self._pulse is None:
                self._pulse = threading.Thread(target=self._beat, name="job-pulse", daemon=True)
                self._pulse.start()

    def _beat(self) -> None:
        while not self._closing.wait(_SIGN_OF_LIFE):
            with self._lock:
                if not self._mine:
                    self._pulse = None
                    return
            try:
                self._table.sign_of_life()
                self.sweep()
            except DuoguiError:
                _LOG.warning("the job table cannot be reached", exc_info=True)


def _new(order: Order) -> Job:
    now = datetime.now(UTC)
    return Job(
        id=draw(1)[0],
        process=order.process,
        synchronous=order.synchronous,
        status=Status.ACCEPTED,
        created=now,
        updated=now,
        principal=order.principal.name,
        request_id=order.request_id,
        classes=order.principal.scope.classes,
        inputs=dict(order.inputs),
        outputs=order.outputs,
        document=order.document,
    )
