"""Refusals of the processes block: problem documents, as `application/json` to callers who ask for just that.

Part 1 knows exceptions only as application/json; RFC 9457 wants application/problem+json. The document is the same.
"""

from config.errors import DuoguiError
from server import problems
from server.block import Handler
from server.http.answer import Answer
from server.http.call import Call


def negotiated(handler: Handler) -> Handler:
    """The handler, its refusals in the media type that the caller accepts."""

    async def answer(call: Call) -> Answer:
        try:
            return await handler(call)
        except DuoguiError as error:
            if problems.status_of(error) >= 500 or not _plain_json(call):
                raise
            refusal = problems.answer(error, call)
            refusal.media = "application/json"
            return refusal

    return answer


def _plain_json(call: Call) -> bool:
    accept = call.header(b"accept") or ""
    return "application/json" in accept and "problem" not in accept and "html" not in accept
