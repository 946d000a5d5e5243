"""Jobs and what they answered."""

from collections.abc import Mapping
from typing import Any

from server.html import texts
from server.html.catalogue import outline
from server.html.view import View

type Document = Mapping[str, Any]
type Extra = dict[str, Any]

_STATUSES = {
    "zh": {"accepted": "已受理", "running": "运行中", "successful": "成功", "failed": "失败", "dismissed": "已取消"},
    "en": {},
}
_TIMES = ("created", "started", "updated", "finished")
_FINEST = 2
"""Decimals of numbers that processes reckon: square metres to the square decimetre, shares to the percent."""


def jobs(document: Document, view: View) -> Extra:
    """States in words and instants on the node's clock, by job; `document` is one job or a list of them."""
    listed = document.get("jobs", [document])
    return {
        "section": "processes",
        "statuses": _STATUSES[view.language],
        "times": {
            one.get("jobID"): {name: view.moment(one[name], seconds=True) for name in _TIMES if one.get(name)}
            for one in listed
        },
    }


def results(document: Document, view: View) -> Extra:
    """Collections of features among the results as a sentence, a map and a table."""
    result = document.get("result")
    extra: Extra = {"section": "processes", "found": []}
    if isinstance(result, Mapping):
        extra["found"] = [_found(name, value, view) for name, value in result.items() if _features(value) is not None]
    return extra | outline(view)


def _features(value: Any) -> Mapping[str, Any] | None:
    inner = value.get("value", value) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) and inner.get("type") == "FeatureCollection" else None


def _found(name: str, value: Any, view: View) -> Extra:
    """One collection; the last of its features is a text (`+ 12`) when the page shows no more."""
    collection = _features(value) or {}
    listed = collection.get("features", ())
    shown = [one for one in listed if isinstance(one, Mapping)]
    summary = collection.get("summary")
    sentence = summary.get("sentence") if isinstance(summary, Mapping) else None
    facts = [one.get("properties") or {} for one in shown]
    says = f"sentence_{view.language}"
    names = [
        key
        for key, one in (facts[0] if facts else {}).items()
        if not isinstance(one, Mapping | list) and not key.startswith("sentence")
    ]
    names.sort(key=lambda key: not isinstance(facts[0][key], float))
    return {
        "name": name,
        "sentence": sentence.get(view.language, "") if isinstance(sentence, Mapping) else "",
        "geometries": [
            {"type": "Feature", "id": one.get("id"), "properties": {}, "geometry": one.get("geometry")} for one in shown
        ],
        "says": bool(facts) and says in facts[0],
        "names": names,
        "numbers": [key for key in names if isinstance(facts[0][key], float)],
        "rows": [
            {"id": one.get("id"), "says": its.get(says), "cells": [_cell(its.get(key), view) for key in names]}
            for one, its in zip(shown, facts, strict=True)
        ],
        "rest": "".join(one for one in listed if isinstance(one, str)),
    }


def _cell(value: Any, view: View) -> Extra:
    if isinstance(value, float):
        return {"kind": "number", "text": texts.number(value, view.language, _FINEST), "number": True}
    if isinstance(value, bool):
        words = ("是", "否") if view.language == "zh" else ("yes", "no")
        return {"kind": "text", "text": words[not value]}
    return {"kind": "none" if value is None else "text", "text": "" if value is None else str(value)}
