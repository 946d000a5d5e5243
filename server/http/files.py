"""Answers whose body is a file: read in pieces, so that no file of any size is ever in memory."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, MalformedRangeHeader, RangeNotSatisfiable
from starlette.types import Send

from config.errors import Fault, RequestError
from server.http.errors import HttpError

if TYPE_CHECKING:
    from server.http.call import Call

type Headers = list[tuple[bytes, bytes]]

PIECE = 262_144


@dataclass(frozen=True, slots=True)
class File:
    """A file as a body. `once`: it was made for this answer and goes with it; else parts of it may be asked for."""

    path: Path
    once: bool = False

    def pieces(self) -> Generator[bytes]:
        """Its bytes; a file that is sent once has no name any more as soon as it is open."""
        with self.path.open("rb") as source:
            if self.once:
                self.path.unlink()
            while piece := source.read(PIECE):
                yield piece

    def forget(self) -> None:
        """Remove a file that was to be sent once, and will not be."""
        if self.once:
            self.path.unlink(missing_ok=True)


class _Ranged(FileResponse):
    """Starlette's answer, with our headers and larger pieces."""

    chunk_size = PIECE


async def send_ranged(call: "Call", file: File, status: int, headers: Headers, send: Send) -> None:
    """Send a file, or the parts of it that Range and If-Range ask for (RFC 9110, section 14).

    Raises:
        HttpError: 416, no asked part lies in the file. RequestError: the Range header cannot be read.
    """
    stat = await call.run(file.path.stat)
    ours = {name.decode(): value.decode("latin-1") for name, value in headers}
    response = _Ranged(file.path, status, ours, stat_result=stat)
    asked, condition = call.header(b"range"), call.header(b"if-range")
    if asked and asked.partition("=")[0].strip().lower() != "bytes":  # another unit is to be ignored (RFC 9110, 14.2)
        asked = None
        call.asgi["headers"] = [one for one in call.asgi["headers"] if one[0] != b"range"]
    if asked and condition in (None, response.headers["etag"], response.headers["last-modified"]):
        _check(asked, stat.st_size)
    await response(call.asgi, call.receive, send)


def _check(asked: str, size: int) -> None:
    try:
        FileResponse._parse_range_header(asked, size)
    except RangeNotSatisfiable as error:
        what = Fault("Range", asked[:80], f"the file has {size} bytes")
        headers = (("Content-Range", f"bytes */{size}"),)
        raise HttpError(416, "No part of the file lies in this range", what, headers=headers) from error
    except MalformedRangeHeader as error:
        raise RequestError("The Range header cannot be read", Fault("Range", asked[:80], "bytes=0-1023")) from error
