"""The demo drawn once for all its tests."""

from pathlib import Path
from typing import Any

import pytest

from config.registry import Registry, load
from server.demo.build import build
from server.demo.fill import Ready, finished
from server.demo.world import World
from tests.demo.judge import Layers

SEED = 2017


@pytest.fixture(scope="session")
def registry() -> Registry:
    return load(Path(__file__).parents[2] / "collections")


@pytest.fixture(scope="session")
def world(registry: Registry) -> World:
    return build(registry.divisions, SEED)


@pytest.fixture(scope="session")
def ready(world: World, registry: Registry) -> list[Ready]:
    return list(finished(world, registry, SEED))


@pytest.fixture(scope="session")
def layers(ready: list[Ready]) -> Layers:
    return Layers(ready)


@pytest.fixture(scope="session")
def truth(world: World) -> dict[str, Any]:
    return world.truth
