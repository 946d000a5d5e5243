"""`echo`: gives back what it is given. For trying a client out, and for the executable test suite of OGC.

The shape is what that suite needs to run every test: a first input that is a plain string, with an output of its name;
everything else optional; `pause` in seconds; an array, a box, a mixed and a qualified input; an integer output.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from config.layers import Text
from processes.contract import Context, Description, Input, Output, Setting, Value

_STEP = 0.05
_LONGEST_PAUSE = 3600
_BOX: dict[str, Any] = {"allOf": [{"format": "ogc-bbox", "type": "object"}]}
_MIXED: dict[str, Any] = {"oneOf": [{"type": "string"}, {"type": "number"}]}
_NUMBERS: dict[str, Any] = {"type": "array", "items": {"type": "integer"}}


def _echoed(name: str, zh: str, schema: dict[str, Any]) -> Input:
    return Input(Text(zh, name.capitalize()), Text(f"原样返回的{zh}", f"A {name} to give back"), schema)


_DESCRIPTION = Description(
    id="echo",
    version="1.0.0",
    title=Text("回声", "Echo"),
    description=Text(
        "原样返回输入, 供客户端试用与一致性测试",
        "Gives its inputs back: to try a client out, and for conformance tests",
    ),
    keywords=(Text("测试", "test"),),
    inputs={
        "echo": replace(_echoed("text", "文本", {"type": "string"}), required=True),
        "pause": Input(
            Text("停顿", "Pause"),
            Text("返回前等待的秒数", "Seconds to wait before answering"),
            {"type": "integer", "minimum": 0, "maximum": _LONGEST_PAUSE},
        ),
        "numbers": _echoed("list of integers", "整数列表", _NUMBERS),
        "box": _echoed("bounding box", "范围框", _BOX),
        "mixed": _echoed("string or number", "文本或数字", _MIXED),
        "document": _echoed("text in JSON", "JSON 文本", {"type": "string", "contentMediaType": "application/json"}),
    },
    outputs={
        "echo": Output(Text("文本", "Text"), Text("输入的文本", "The text given"), {"type": "string"}),
        "seconds": Output(Text("秒", "Seconds"), Text("等待的秒数", "Seconds waited"), {"type": "integer"}),
        "numbers": Output(Text("整数列表", "Integers"), Text("输入的整数", "The integers given"), _NUMBERS),
        "box": Output(Text("范围框", "Box"), Text("输入的范围框", "The box given"), _BOX),
        "mixed": Output(Text("文本或数字", "Mixed"), Text("输入的值", "The value given"), _MIXED),
        "document": Output(
            Text("JSON 文本", "Document"),
            Text("输入的 JSON 文本", "The JSON text given"),
            {"type": "string", "contentMediaType": "application/json"},
        ),
    },
    example={"inputs": {"echo": "你好"}},
)


class Echo:
    """Gives back each input under the same name, and the seconds it waited."""

    description = _DESCRIPTION

    def resolve(self, inputs: Mapping[str, Any], setting: Setting) -> dict[str, Any]:  # noqa: ARG002
        """The inputs as they are."""
        return {"pause": 0, **inputs}

    def reads(self, inputs: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """No collection."""
        return ()

    def run(self, inputs: Mapping[str, Any], context: Context) -> Mapping[str, Value]:
        """Waits, with progress, and gives back what was given."""
        pause = int(inputs["pause"])
        end = time.monotonic() + pause
        while (left := end - time.monotonic()) > 0:
            context.progress(1 - left / pause, "waiting")
            time.sleep(min(_STEP, left))
        values = {"seconds": pause, **{name: value for name, value in inputs.items() if name != "pause"}}
        return {name: Value("application/json", orjson.dumps(value)) for name, value in values.items()}


PROCESS = Echo()


def __getattr__(name: str) -> Any:
    """`EchoProcessor`, pygeoapi's view of this process; made when asked for, since pygeoapi loads slowly."""
    if name == "EchoProcessor":
        from processes.shell.adapter import adapt

        return adapt(PROCESS)
    raise AttributeError(name)
