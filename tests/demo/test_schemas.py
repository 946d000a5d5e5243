"""Features of the demo fit the schemas of their layers, as they are returned and as they may be written."""

from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from jsonschema import Draft202012Validator, FormatChecker

from config.layers import Layer
from config.registry import Registry
from server.demo.fill import Ready
from server.profiles import CODELISTS
from server.schemas.geojson import body
from server.schemas.logical import Context, schema
from store import render
from store.criteria import END_OF_TIME
from store.interface import Domain
from store.values import VALIDITY
from tests.conformance.schemas.test_schemas import UCUM

SAMPLE = 60
"""Features of each state of a layer; there are some 100 such states."""


def context(registry: Registry, profile: str, domains: dict[str, Domain] | None = None) -> Context:
    targets = frozenset(id for id, one in registry.layers.items() if one.stored)
    return Context("zh", "http://localhost", targets, registry.codelists, profile, domains)


def features(layer: Layer, ready: Ready) -> list[dict[str, Any]]:
    chosen = np.unique(np.linspace(0, len(ready.ids) - 1, SAMPLE).astype(int))
    texts = render.features(
        layer,
        ready.ids[chosen].tolist(),
        render.rounded(shapely.from_wkb(ready.wkb[chosen])),
        {name: values[chosen] for name, values in ready.columns.items()},
        [(ready.day, END_OF_TIME)] * len(chosen),
    )
    return [orjson.loads(one) for one in texts]


@pytest.mark.parametrize("profile", CODELISTS)
def test_every_schema_is_valid(registry: Registry, profile: str) -> None:
    for layer in registry.layers.values():
        if not layer.stored:
            continue
        for name in ("schema", "queryables", "sortables"):
            made = schema(layer, name, context(registry, profile))
            Draft202012Validator.check_schema(made)
            roles = [one.get("x-ogc-role") for one in made["properties"].values()]
            assert roles.count("id") == 1
            assert roles.count("type") <= 1
            assert "primary-instant" not in roles
            units = [one["x-ogc-unit"] for one in made["properties"].values() if "x-ogc-unit" in one]
            assert [one for one in units if not UCUM.fullmatch(one)] == []
        for kind in ("create", "replace", "update"):
            Draft202012Validator.check_schema(body(layer, kind, context(registry, profile)))


def test_features_fit_the_schema_of_their_layer(registry: Registry, ready: list[Ready]) -> None:
    checker, checked = FormatChecker(), 0
    for one in ready:
        layer = registry.layers[one.layer]
        made = schema(layer, "schema", context(registry, "codelist-inline"))
        judges = {name: Draft202012Validator(part, format_checker=checker) for name, part in made["properties"].items()}
        for feature in features(layer, one):
            assert set(feature["properties"]) <= set(judges)
            for name, value in feature["properties"].items():
                if value is not None:
                    assert judges[name].is_valid(value), (layer.id, name, value)
                    checked += 1
                else:
                    assert name not in made.get("required", ()), (layer.id, name)
    assert checked > 20_000


def test_features_may_be_sent_back_as_they_are(registry: Registry, ready: list[Ready]) -> None:
    for one in ready:
        layer = registry.layers[one.layer]
        for kind in ("create", "replace", "update"):
            judge = Draft202012Validator(body(layer, kind, context(registry, "codelist-ref")))
            for feature in features(layer, one)[:3]:
                sent = feature if kind != "update" else _without_validity(feature)
                assert judge.is_valid(sent), (layer.id, kind, next(judge.iter_errors(sent)).message)


def _without_validity(feature: dict[str, Any]) -> dict[str, Any]:
    """A patch names only what it may change; the node alone sets the validity."""
    left = {name: value for name, value in feature["properties"].items() if name not in VALIDITY}
    return feature | {"properties": left}
