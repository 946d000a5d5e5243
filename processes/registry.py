"""The processes of this program: every module of `processes` that has a `PROCESS`. Adding one means adding a file."""

import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType

import processes
from processes.contract import Process


@lru_cache(maxsize=1)
def all_processes() -> Mapping[str, Process]:
    """Processes by id, in the order of their ids."""
    found = (process for module in modules() if (process := getattr(import_module(module), "PROCESS", None)))
    return MappingProxyType({one.description.id: one for one in sorted(found, key=lambda one: one.description.id)})


def module_of(process: Process) -> str:
    """The module that holds a process: what a child process imports."""
    return type(process).__module__


def modules() -> list[str]:
    """The modules of the room, without its packages."""
    return [f"processes.{one.name}" for one in pkgutil.iter_modules(processes.__path__) if not one.ispkg]
