"""A job as the table holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from config.errors import ConflictError, GoneError, NotFoundError, UnavailableError
from config.layers import Sharing
from store.criteria import Scope

_EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"


class Status(StrEnum):
    ACCEPTED = "accepted"
    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    DISMISSED = "dismissed"

    @property
    def final(self) -> bool:
        return self in (Status.SUCCESSFUL, Status.FAILED, Status.DISMISSED)


class NoSuchProcessError(NotFoundError):
    """No process of this id."""

    type = f"{_EXCEPTIONS}/no-such-process"


class NoSuchJobError(NotFoundError):
    """No job of this id that the caller may see."""

    type = f"{_EXCEPTIONS}/no-such-job"


class DismissedError(GoneError):
    """The job was dismissed, and its results with it."""

    type = f"{_EXCEPTIONS}/no-such-job"


class NotReadyError(NotFoundError):
    """The job has not ended: there are no results yet (`/req/core/job-results-exception-results-not-ready`)."""

    type = f"{_EXCEPTIONS}/result-not-ready"


class KeyInUseError(ConflictError):
    """The idempotency key stands for another request."""


class FullError(UnavailableError):
    """As many jobs as may wait are waiting: try again after `retry` seconds."""

    def __init__(self, message: str, retry: int) -> None:
        super().__init__(message)
        self.headers = (("Retry-After", str(retry)),)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who submits: a name for limits and logs, and what they may see."""

    name: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Order:
    """An execute request. `inputs` are resolved; no `outputs` means all of them.

    `key` (the caller's Idempotency-Key) makes repeating the request harmless: the first job is given back.
    """

    process: str
    inputs: Mapping[str, Any]
    principal: Principal
    synchronous: bool = False
    outputs: tuple[str, ...] = ()
    document: bool = False
    key: str | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: `kind` is `input` (what the caller sent), `limit` (time, size) or `inside` (our own fault)."""

    kind: Literal["input", "limit", "inside"]
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """One execution. Times are UTC; `progress` is in per cent; `classes` are the sharing classes it could read."""

    id: str
    process: str
    synchronous: bool
    status: Status
    created: datetime
    updated: datetime
    principal: str
    request_id: str
    classes: frozenset[Sharing]
    inputs: Mapping[str, Any]
    outputs: tuple[str, ...] = ()
    document: bool = False
    progress: int = 0
    message: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    failure: Failure | None = None

    def visible(self, scope: Scope) -> bool:
        """Whether the caller may see everything that the job could read."""
        return self.classes <= scope.classes
