"""How a node runs: the typed form of one node configuration file (YAML).

`load` expands `${NAME}` and `${NAME:-default}` from the environment, resolves relative paths against the file's own
folder and refuses unknown keys, naming file and line.
"""

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.errors import DefinitionError, Fault
from config.layers import Layer, Level, Sharing, Text, Theme
from config.wording import plainly

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")

_ID_FORM = "write small letters, digits and hyphens, a letter first"
_DIVISION_FORM = 'write 6, 9 or 12 digits in quotes, such as "130900"'
_VARIABLE_FORM = "write the name of an environment variable, such as DUOGUI_WRITER"
_ROOT_FORM = "write it as /maps or /maps/hebei: a slash before each part, none at the end"


def _both_languages(value: object) -> object:
    if isinstance(value, Mapping):
        if set(value) != {"zh", "en"}:
            raise ValueError("it is not in two languages; write the text twice, under zh and en")
        return Text(str(value["zh"]), str(value["en"]))
    return value


class Group(BaseModel):
    """A group of settings: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as err:
        raise ValueError(f"'{name}' is no time zone; write an IANA name such as Asia/Shanghai") from err
    return name


def _plain_url(url: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s@]+(/[^?#\s]*)?", url):
        raise ValueError(
            f"'{url}' is no address of a server; "
            "write it as http(s)://host[:port][/path], without user, query or fragment"
        )
    return url.rstrip("/")


class License(Group):
    """On what terms the node's data may be used."""

    name: Text
    url: str = ""

    @field_validator("name", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return _both_languages(value)


class NodeSettings(Group):
    """Which government's node this is."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$", description=_ID_FORM)]
    """Stable id of the node, e.g. `hebei`."""
    division: Annotated[str, Field(pattern=r"^\d{6}(\d{3}(\d{3})?)?$", description=_DIVISION_FORM)]
    """Division code (GB/T 2260, 6 to 12 digits)."""
    level: Level
    title: Text
    description: Text | None = None
    notice: Text | None = None
    """Shown on every page and in the landing document, e.g. that the data are synthetic."""
    license: License = License(name=Text("未声明", "not stated"))
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"

    @field_validator("title", "description", "notice", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return _both_languages(value)


class Limits(Group):
    """What one caller may ask for at once."""

    body: Annotated[int, Field(ge=1024)] = 20_000_000
    """Bytes of a request body."""
    url: Annotated[int, Field(ge=512)] = 16_384
    """Characters of path and query together."""
    page: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    """Features of one page; a larger `limit` is clipped to it."""
    default_page: Annotated[int, Field(ge=1)] = 10
    file: Annotated[int, Field(ge=1)] = 100_000
    """Features of one answer in a file format such as GeoPackage; downloads of whole collections have no limit."""
    offset: Annotated[int, Field(ge=0)] = 100_000
    """Largest `offset`; further pages are reached by their cursors."""
    statement: Annotated[float, Field(gt=0)] = 30.0
    """Seconds that one database statement may take."""


class ServerSettings(Group):
    """Where the node listens and what it trusts."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: Annotated[str, AfterValidator(_plain_url)] | None = None
    """The address that every link starts with. Without it links follow the checked Host header."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names (no port) that may appear in links when `public_url` is not set; loopback always may."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks whose Forwarded and X-Forwarded-* headers are believed."""
    root_path: Annotated[str, Field(pattern=r"^(/[^/?#\s]+)*$", description=_ROOT_FORM)] = ""
    """Sub-path under which the node answers when `public_url` does not say it."""
    cors_origins: tuple[str, ...] = ("*",)
    threads: Annotated[int, Field(ge=1, le=256)] = 16
    """Threads that speak to the store."""
    request_log: bool = True
    limits: Limits = Limits()


class StoreSettings(Group):
    """Which database holds the node."""

    url: str
    """`sqlite:///DIR` (a folder) or `postgresql+psycopg://...`."""
    options: dict[str, Any] = Field(default_factory=dict)


class CollectionsSettings(Group):
    """Which layers the node publishes."""

    path: Path
    include: tuple[str, ...] | None = None
    """Ids to publish; None publishes every layer of the folder."""


class AccessSettings(Group):
    """Who may read what."""

    open: frozenset[Sharing] = frozenset({Sharing.UNCONDITIONAL})
    """Sharing classes readable without a token."""
    token_env: str = "DUOGUI_TOKEN"  # noqa: S105  the variable's name, not a secret
    """Environment variable that holds the bearer token which opens every class; unset or empty: no token is valid."""


class Reach(Group):
    """Some of the node's collections: those of the ids, and all of the themes."""

    collections: tuple[str, ...] = ()
    themes: tuple[Theme, ...] = ()

    def covers(self, layer: Layer) -> bool:
        return layer.id in self.collections or layer.theme in self.themes


class Writer(Reach):
    """Someone who may edit: what is written carries the name as its author."""

    name: Annotated[str, Field(pattern=r"^\S(.{0,62}\S)?$", description="write a name of 1 to 64 characters")]
    token_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description=_VARIABLE_FORM)]
    """Environment variable that holds the writer's bearer token; unset or empty: the writer cannot write."""
    reads_closed: bool = False
    """Whether the token also opens the closed sharing classes for reading; who edits one of them needs that."""


class EditingSettings(Group):
    """Edits over HTTP; a node without this group takes none."""

    writers: tuple[Writer, ...]
    locking: Reach = Reach()
    """Where an edit must say what it is based on, by If-Match or If-Unmodified-Since."""
    within_area: bool = True
    """Whether features must touch the node's area, where the store holds its boundaries."""


class TileSettings(Group):
    """How many finished tiles are kept."""

    memory: Annotated[int, Field(ge=0)] = 64_000_000
    """Bytes in the memory of each server process."""
    disk: Annotated[int, Field(ge=0)] = 1_000_000_000
    """Bytes in the data folder, for all processes; 0 keeps none there."""


class DownloadsSettings(Group):
    """Files of whole collections, made when first asked for and kept in the data folder."""

    bytes: Annotated[int, Field(ge=0)] = 5_000_000_000
    """Bytes to keep; of more the least recently asked files go."""


class Settings(Group):
    """One node configuration."""

    node: NodeSettings
    store: StoreSettings
    collections: CollectionsSettings
    server: ServerSettings = ServerSettings()
    access: AccessSettings = AccessSettings()
    downloads: DownloadsSettings = DownloadsSettings()
    editing: EditingSettings | None = None
    tiles: TileSettings = TileSettings()
    datums: dict[str, Any] = Field(default_factory=dict)
    """Datum parameters for loading data of Xi'an 80 (`xian80`) and Beijing 54 (`beijing54`): `store.ingest.datum`."""
    data_dir: Path
    """Folder for caches, job results and what else the node writes beside its store."""
    file: Path | None = None
    """The file that the settings were read from."""


def load(path: Path) -> Settings:
    """Read and check one node configuration.

    Raises:
        DefinitionError: unreadable file, unknown key, wrong value or unset variable; one fault per place.
    """
    path = path.resolve()
    try:
        tree = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    except OSError as err:
        raise DefinitionError(f"The configuration cannot be read: {err.strerror}", Fault(str(path), str(err))) from err
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise DefinitionError("The configuration is no YAML", Fault(str(path), " ".join(str(err).split()))) from err
    if not isinstance(tree, yaml.MappingNode):
        raise DefinitionError("The configuration is empty", Fault(f"{path}:1", "expected a mapping with node, store"))
    document = _expand(yaml.SafeLoader("").construct_document(tree), path)
    return parse(document, path, tree)


def parse(document: Mapping[str, Any], path: Path | None = None, tree: yaml.Node | None = None) -> Settings:
    """Check settings given as a mapping; relative paths start at the folder of `path` (else the current one)."""
    try:
        settings = Settings.model_validate({**document, "file": path})
    except ValidationError as err:
        faults = [
            Fault(_place(path, tree, place), what, remedy) for place, what, remedy in plainly(err.errors(), Settings)
        ]
        raise DefinitionError("The node configuration is wrong", *faults) from err
    folder = path.parent if path else Path.cwd()
    collections = settings.collections.model_copy(update={"path": (folder / settings.collections.path).resolve()})
    store = settings.store
    if store.url.startswith("sqlite:///"):
        place = (folder / store.url.removeprefix("sqlite:///")).resolve()
        store = store.model_copy(update={"url": f"sqlite:///{place}"})
    changes = {"collections": collections, "store": store, "data_dir": (folder / settings.data_dir).resolve()}
    return settings.model_copy(update=changes)


def _expand(value: Any, path: Path) -> Any:
    """`value` with the environment's variables in its texts."""
    if isinstance(value, dict):
        return {key: _expand(one, path) for key, one in value.items()}
    if isinstance(value, list):
        return [_expand(one, path) for one in value]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        found = os.environ.get(match[1], match[2])
        if found is None:
            fault = Fault(str(path), f"${{{match[1]}}} is not set", "set the variable or write ${NAME:-default}")
            raise DefinitionError("The node configuration needs the environment", fault)
        return found

    return _VARIABLE.sub(replace, value)


def _place(path: Path | None, tree: yaml.Node | None, location: tuple[int | str, ...]) -> str:
    """`file:line` of a place in the document, as near as the file has it."""
    node = tree
    for step in location:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
        else:
            found = None
        if found is None:
            break
        node = found
    name = str(path) if path else "settings"
    return f"{name}:{node.start_mark.line + 1}" if node is not None and path else name
