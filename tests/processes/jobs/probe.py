"""A process that does what a test asks: ends well, refuses, breaks, dies, spins."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.errors import Fault
from config.layers import Text
from processes.contract import Context, Description, Input, Output, Setting, Value
from processes.inputs import InputError

TEXT = Text("试", "probe")


class Probe:
    description = Description(
        id="probe",
        version="1",
        title=TEXT,
        description=TEXT,
        inputs={"do": Input(TEXT, TEXT, {"type": "string"}, required=True), "mark": Input(TEXT, TEXT, {})},
        outputs={"it": Output(TEXT, TEXT, {"type": "string"})},
    )

    def resolve(self, inputs: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
        return dict(inputs)

    def reads(self, inputs: Mapping[str, Any]) -> Sequence[str]:
        return ()

    def run(self, inputs: Mapping[str, Any], context: Context) -> Mapping[str, Value]:
        if "mark" in inputs:
            Path(inputs["mark"]).write_text(str(os.getpid()))
        match inputs["do"]:
            case "refuse":
                raise InputError("refused", Fault("do", "not this one"))
            case "break":
                raise ZeroDivisionError("a fault of our own")
            case "die":
                os.abort()
            case "huge":
                return {"it": Value("text/plain", b"x" * 2000)}
            case "spin":
                while True:
                    pass
        return {"it": Value("text/plain", str(os.getpid()).encode())}


PROCESS = Probe()
