"""Logs as JSON lines on standard error, each with the id of the request that caused it."""

import logging
import sys
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request being served; jobs store it and set it again when they run."""

_KEPT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_LONGEST = 64


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request, and the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if known := request_id.get():
            line["request"] = known
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def configure(level: str = "INFO") -> None:
    """Send all logs of the process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True


def identify(given: bytes | None) -> str:
    """The caller's request id where it is short and plain, else a new one."""
    if given and len(given) <= _LONGEST:
        text = given.decode("latin-1")
        if _KEPT.issuperset(text):
            return text
    return uuid.uuid4().hex


def access_line(id: str, what: tuple[str, str], operation: str, status: int, seconds: float) -> None:
    """The log line of one request (`what`: method, path); written past the logging machinery, which costs more."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "info",
        "logger": "request",
        "request": id,
        "method": what[0],
        "path": what[1],
        "status": status,
        "ms": round(seconds * 1000, 2),
        "operation": operation,
    }
    sys.stderr.write(orjson.dumps(line).decode() + "\n")
