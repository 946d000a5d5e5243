"""Every way Duogui refuses, as one tree. `server.problems` holds the one table of HTTP statuses.

DuoguiError
├── DefinitionError        a file in `collections/` or a node configuration is wrong
├── RequestError           what the caller sent is wrong
│   ├── ParameterError     a query parameter, named
│   ├── BodyError          a request body or an input file
│   └── TooLargeError      more than a stated limit
├── AccessError            the caller may not see or do this
├── NotFoundError          no such collection, feature, job, ...
│   └── GoneError          it existed and was deleted
├── ConflictError          the state of the resource forbids it
│   └── PreconditionError  If-Match or If-Unmodified-Since did not hold
└── StoreError             the database refuses
    ├── SchemaMismatchError  the store does not fit the definitions; says what to run
    └── UnavailableError     try again later
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place: `where` is a parameter, a property, a `file:line` or a feature id."""

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} ({self.remedy})" if self.remedy else text


class DuoguiError(Exception):
    """The root. `faults` lists each thing that is wrong; the message joins them.

    `edit` says which of several edits is refused, from 0; None where that is not known.
    """

    edit: int | None = None

    def __init__(self, message: str, *faults: Fault) -> None:
        super().__init__(message)
        self.message = message
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {fault}" for fault in self.faults)]) if self.faults else self.message


class DefinitionError(DuoguiError):
    """A layer file, code list, rule or node configuration is wrong."""


class RequestError(DuoguiError):
    """What the caller sent is wrong."""


class ParameterError(RequestError):
    """A query parameter is unknown or its value is wrong: names parameter, fault and remedy."""

    def __init__(self, parameter: str, what: str, remedy: str = "") -> None:
        super().__init__(f"Parameter '{parameter}': {what}", Fault(parameter, what, remedy))
        self.parameter = parameter
        self.remedy = remedy


class BodyError(RequestError):
    """A request body or an input file is wrong; one fault per property, feature or line."""


class TooLargeError(RequestError):
    """More than a stated limit: body, address, vertices, page, filter."""


class AccessError(DuoguiError):
    """The caller may not see or do this."""


class NotFoundError(DuoguiError):
    """No such resource."""


class GoneError(NotFoundError):
    """The resource existed and was deleted. `facts` are what is still told of it: its validity, when it was deleted."""

    def __init__(self, message: str, *faults: Fault, facts: Mapping[str, str | None] | None = None) -> None:
        super().__init__(message, *faults)
        self.facts = dict(facts or {})
        self.headers: tuple[tuple[str, str], ...] = ()


class ConflictError(DuoguiError):
    """The state of the resource forbids the change."""


class PreconditionError(ConflictError):
    """If-Match or If-Unmodified-Since did not hold."""


class StoreError(DuoguiError):
    """The database refuses."""


class SchemaMismatchError(StoreError):
    """The store does not fit the definitions or the program; the message says what to run."""


class UnavailableError(StoreError):
    """A passing fault (locked, not reachable): try again later."""
