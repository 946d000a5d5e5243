"""Which conformance classes the tests of this folder prove: read from the modules and the names of their functions."""

import pkgutil
from collections import defaultdict
from collections.abc import Collection, Iterator
from importlib import import_module
from types import ModuleType

import tests.conformance


def modules() -> Iterator[ModuleType]:
    """Every module of this folder that names its standard."""
    for found in pkgutil.walk_packages(tests.conformance.__path__, "tests.conformance."):
        if found.name.rpartition(".")[2].startswith("test_"):
            module = import_module(found.name)
            if standards(module):
                yield module


def standards(module: ModuleType) -> tuple[str, ...]:
    """The addresses of the standard that a module is about; none for a module about the tests themselves."""
    one = getattr(module, "STANDARD", None)
    return (one,) if one else getattr(module, "STANDARDS", ())


def class_of(function: str, standard: str, claimed: Collection[str]) -> str | None:
    """The claimed class of `standard` that a test proves by its name: the longest one that the name begins with."""
    prefix = f"{standard}/conf/"
    names = {uri: f"test_{uri.removeprefix(prefix).replace('-', '_')}_" for uri in claimed if uri.startswith(prefix)}
    fitting = [uri for uri, name in names.items() if function.startswith(name)]
    return max(fitting, key=len, default=None)


def proofs(claimed: Collection[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The tests of each claimed class, and the tests of classes that are not claimed."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    strange = []
    for module in modules():
        for name in vars(module):
            if name.startswith("test_"):
                classes = [class_of(name, standard, claimed) for standard in standards(module)]
                for uri in filter(None, classes):
                    found[uri].append(f"{module.__name__}.{name}")
                if not any(classes):
                    strange.append(f"{module.__name__}.{name}")
    return dict(found), strange
