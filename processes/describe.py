"""Process descriptions as JSON (Processes Part 1, `/req/ogc-process-description/json-encoding`), without links."""

from typing import Any

from config.layers import Language
from processes.contract import Description, Input, Output


def summarise(description: Description, language: Language) -> dict[str, Any]:
    """A process as the list of processes has it."""
    return {
        "id": description.id,
        "version": description.version,
        "title": description.title[language],
        "description": description.description[language],
        "keywords": [word[language] for word in description.keywords],
        "jobControlOptions": [*description.modes, "dismiss"],
        "outputTransmission": ["value"],
    }


def describe(description: Description, language: Language) -> dict[str, Any]:
    """The whole description."""
    document = summarise(description, language)
    document["inputs"] = {name: _input(one, language) for name, one in description.inputs.items()}
    document["outputs"] = {name: _output(one, language) for name, one in description.outputs.items()}
    if description.example:
        document["example"] = dict(description.example)
    return document


def _input(one: Input, language: Language) -> dict[str, Any]:
    return {
        "title": one.title[language],
        "description": one.description[language],
        "minOccurs": int(one.required),
        "maxOccurs": 1,
        "schema": dict(one.schema),
    }


def _output(one: Output, language: Language) -> dict[str, Any]:
    return {"title": one.title[language], "description": one.description[language], "schema": dict(one.schema)}
