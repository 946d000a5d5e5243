"""From an error to an answer: RFC 9457 problem documents, by one table of statuses.

A problem carries `type`, `title`, `status`, `detail`, `instance` (the request id) and `faults`: for each thing that is
wrong where, what, and the remedy. Its texts are Chinese where the caller asks for that, by `lang` or Accept-Language,
and on pages; English where the caller does not say (`config.chinese`).
"""

from contextlib import suppress
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson

from config import errors
from config.chinese import Catalogue, texts
from config.layers import Language
from server.http.answer import Answer
from server.http.call import Call
from server.http.errors import HttpError
from server.http.negotiate import pick_language

STATUSES: tuple[tuple[type[errors.DuoguiError], int], ...] = (
    (errors.TooLargeError, 413),
    (errors.RequestError, 400),
    (errors.AccessError, 403),
    (errors.GoneError, 410),
    (errors.NotFoundError, 404),
    (errors.PreconditionError, 412),
    (errors.ConflictError, 409),
    (errors.UnavailableError, 503),
)
"""The first row whose class fits decides; what no row names is our own fault: 500."""

_TITLES = {413: "Too large", 414: "Address too long", 422: "Cannot be processed"}
_CHINESE_TITLES = {
    400: "请求有误",
    401: "需要授权",
    403: "无权访问",
    404: "没有找到",
    405: "不支持这种方法",
    406: "没有这种格式",
    409: "与当前状态冲突",
    410: "已经删除",
    412: "前提条件不成立",
    413: "内容过大",
    414: "地址过长",
    415: "不支持这种内容",
    416: "范围不成立",
    421: "不属于本节点",
    422: "内容不能处理",
    428: "必须带条件",
    429: "请求过多",
    500: "服务器出错",
    503: "暂时不可用",
}
_INSIDE = "The server failed; its log knows this request's id."
_RETRY = b"2"


def status_of(error: Exception) -> int:
    """The HTTP status of an error."""
    if isinstance(error, HttpError):
        return error.status
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def language_of(call: Call) -> Language:
    """The language of a problem's texts. The query is read with care: it may be what was refused."""
    with suppress(errors.RequestError):
        if _wants_page(call):
            return call.language
        return pick_language(call.asked("lang"), call.header(b"accept-language"), "en")
    return pick_language(None, call.header(b"accept-language"), "en")


def title_of(status: int, language: Language) -> str:
    """What a status says in a language."""
    english = _TITLES.get(status) or HTTPStatus(status).phrase
    return _CHINESE_TITLES.get(status, english) if language == "zh" else english


@cache
def _catalogue() -> Catalogue:
    """Every message of the program, and what the checks of uploads say of a feature that was sent."""
    from store.ingest.catalogue import KINDS
    from store.ingest.values import TYPES

    uploads = {text.en: text.zh for kind in KINDS.values() for text in (kind.text, kind.remedy) if text.en}
    return Catalogue({kind.en: kind.zh for kind in TYPES.values()} | uploads | texts())


def _said(text: str, language: Language) -> str:
    return text if language == "en" else _catalogue().chinese(text) or text


def document(error: errors.DuoguiError, status: int, call: Call) -> dict[str, Any]:
    """The problem document of a refusal; nothing of the inside is shown for a status of 500."""
    inside, language = status == 500, language_of(call)
    problem: dict[str, Any] = {
        "type": getattr(error, "type", "about:blank"),
        "title": title_of(status, language),
        "status": status,
        "detail": _said(_INSIDE if inside else error.message, language),
        "instance": f"urn:request:{call.id}",
    }
    if isinstance(error, errors.ParameterError):
        problem["parameter"] = error.parameter
        if error.remedy:
            problem["remedy"] = _said(error.remedy, language)
    if isinstance(error, errors.GoneError):
        problem |= error.facts
    if error.faults and not inside:
        problem["faults"] = [
            {"where": fault.where, "what": _said(fault.what, language)}
            | ({"remedy": _said(fault.remedy, language)} if fault.remedy else {})
            for fault in error.faults
        ]
    return problem


def answer(error: errors.DuoguiError, call: Call) -> Answer:
    """The problem document as an answer, in HTML for a browser; a failure of ours never leans on templates."""
    status = status_of(error)
    problem = document(error, status, call)
    headers = [(name.encode(), value.encode()) for name, value in getattr(error, "headers", ())]
    if status == 503 and not any(name.lower() == b"retry-after" for name, _ in headers):
        headers.append((b"retry-after", _RETRY))
    made = Answer(orjson.dumps(problem), "application/problem+json", status, headers, cache="no-store")
    made.vary, made.language = "Accept, Accept-Language", language_of(call)
    if status != 500 and _wants_page(call):
        with suppress(errors.RequestError):  # the address itself cannot be read: no page can be linked to it
            made.body, made.media = _page(problem, call), "text/html; charset=utf-8"
    return made


def _wants_page(call: Call) -> bool:
    """Whether `f` or else Accept asks for HTML. The query is not decoded: it may be what was refused."""
    query = call.asgi["query_string"].decode("latin-1")
    if "f=json" in query or "f=html" in query:
        return "f=html" in query
    return "text/html" in (call.header(b"accept") or "")


def _page(problem: dict[str, Any], call: Call) -> bytes:
    from server.html import View, render

    return render("problem", problem, View.of(call))
