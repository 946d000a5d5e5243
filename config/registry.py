"""Everything that lies in `collections/`, read, checked and linked: layers, code lists, divisions, departments.

attributes.yaml              attributes that layers share
planning/ approval/ current/ working/    one layer per file
codelists/                   one list per file
divisions/                   administrative divisions, any number of files

What each kind of file may hold stands in `*.schema.json` of the definitions that come with the program. A locality's
own folder needs neither them nor the lists that every layer file takes codes from (departments, openness, ...): what
it does not have is taken from there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from config import codelists, definitions, divisions
from config.building import build_layer
from config.canonical import digest_of
from config.compiled import Compiled
from config.divisions import Divisions
from config.documents import Document, read
from config.errors import DefinitionError, Fault
from config.layers import Code, CodeList, Layer, Theme
from config.schemas import Schemas

_SHIPPED = Path(__file__).resolve().parents[1] / "collections"
_NEEDED = (
    "departments",
    "layer-groups",
    "industries",
    "catalogue-classes",
    "openness",
    "sharing-modes",
    "update-cycles",
)


@dataclass(frozen=True, slots=True)
class Registry:
    """The definitions of one folder. Layers come by theme (planning, approval, current, working), then by `order`.

    `codelists` includes the list `divisions`; `departments` are the entries of the list `departments`. `digest` is
    the SHA-256 of the meaning of all of it.
    """

    layers: Mapping[str, Layer]
    codelists: Mapping[str, CodeList]
    divisions: Divisions
    departments: Mapping[str, Code]
    digest: str

    def codelist(self, attribute_codelist: str | None) -> CodeList | None:
        """The list that an attribute names, None where it names none."""
        return self.codelists.get(attribute_codelist) if attribute_codelist else None


def load(directory: Path, cache: Path | None = None) -> Registry:
    """Read and check a folder of definitions.

    `cache` is a folder of the caller's: it keeps the checked content under the digest of all bytes that made it, so
    that unchanged files are not parsed and checked again. It holds JSON, and a damaged entry is made anew.

    Raises:
        DefinitionError: with every fault found, each as `file:line`, what is wrong and what would be right.
    """
    registry, faults = check(directory, cache)
    if registry is None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise DefinitionError(f"The definitions in {directory} have {count}", *faults)
    return registry


def check(directory: Path, cache: Path | None = None) -> tuple[Registry | None, list[Fault]]:
    """As `load`, but gives the faults back. The registry is None where there are any."""
    if not directory.is_dir():
        return None, [Fault(str(directory), "is not a folder", "name the folder that holds attributes.yaml")]
    files = _files(directory)
    compiled = Compiled(cache, files) if cache is not None else None
    plain = compiled.get() if compiled is not None else None
    if plain is None:
        plain, faults = _compile(files)
        if faults:
            return None, faults
        if compiled is not None:
            compiled.put(plain)
    return _build(plain), []


def _files(directory: Path) -> dict[str, bytes]:
    """The content of every definition file by its name below the folder, sorted; needed ones that it lacks added."""
    folders = [".", *(theme.value for theme in Theme), "codelists", "divisions"]
    paths = [path for folder in folders for path in (directory / folder).glob("*") if path.is_file()]
    kept = [path for path in paths if path.name.endswith((".yaml", ".yml", ".schema.json"))]
    files = {path.relative_to(directory).as_posix(): path.read_bytes() for path in sorted(kept)}
    needed = [path.name for path in _SHIPPED.glob("*.schema.json")] + [f"codelists/{name}.yaml" for name in _NEEDED]
    return files | {name: (_SHIPPED / name).read_bytes() for name in sorted(needed) if name not in files}


def _compile(files: Mapping[str, bytes]) -> tuple[dict[str, Any], list[Fault]]:
    """From bytes to checked plain data. References are looked at only where every file is sound in itself."""
    documents, faults = _documents(files)
    if faults:
        return {}, _ordered(faults)
    lists, faults = _codelists(documents)
    places, wrong = divisions.resolve([one for name, one in documents.items() if name.startswith("divisions/")])
    faults += wrong
    attributes = documents["attributes.yaml"]
    layers, wrong = _layers(documents, lists | {divisions.LIST_ID: {"codes": []}}, attributes)
    faults += wrong
    if faults:
        return {}, _ordered(faults)
    plain = {"codelists": lists, "divisions": places, "layers": layers}
    _seal(plain)
    return plain, []


def _documents(files: Mapping[str, bytes]) -> tuple[dict[str, Document], list[Fault]]:
    schemas = Schemas({name: content for name, content in files.items() if name.endswith(".schema.json")})
    documents: dict[str, Document] = {}
    faults: list[Fault] = []
    if "attributes.yaml" not in files:
        faults.append(Fault("attributes.yaml", "is missing", "the dictionary of shared attributes; it may be `{}`"))
    for name, content in files.items():
        if name.endswith(".schema.json"):
            continue
        schema = _schema(name)
        if schema is None or name.endswith(".yml"):
            remedy = "layers lie in planning, approval, current, working, lists in codelists; all end in .yaml"
            faults.append(Fault(name, "is not where a definition belongs", remedy))
            continue
        document, wrong = read(name, content)
        if document is not None and not wrong:
            wrong = schemas.check(document, schema)
            documents[name] = document
        faults += wrong
    return documents, faults


def _schema(name: str) -> str | None:
    folder, _, file = name.rpartition("/")
    if folder in {theme.value for theme in Theme}:
        return "layer.schema.json"
    by_folder = {"codelists": "codelist.schema.json", "divisions": "divisions.schema.json"}
    return "attributes.schema.json" if name == "attributes.yaml" else by_folder.get(folder) if file else None


def _codelists(documents: Mapping[str, Document]) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    lists: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    for stem, document in _in("codelists", documents):
        plain, wrong = codelists.resolve(document)
        if document.data["id"] != stem or stem == divisions.LIST_ID:
            what = f"the id '{document.data['id']}' is not the file's name, or is '{divisions.LIST_ID}'"
            wrong.append(document.fault(("id",), what, "name list and file alike"))
        faults += wrong
        lists[stem] = plain
    return lists, faults


def _in(folder: str, documents: Mapping[str, Document]) -> Iterator[tuple[str, Document]]:
    """The documents of one folder, with their file names without `.yaml`."""
    for name, document in documents.items():
        if name.startswith(f"{folder}/"):
            yield name.removeprefix(f"{folder}/").removesuffix(".yaml"), document


def _layers(
    documents: Mapping[str, Document], lists: Mapping[str, Any], attributes: Document
) -> tuple[list[dict[str, Any]], list[Fault]]:
    files = [(theme, stem, document) for theme in Theme for stem, document in _in(theme.value, documents)]
    ids = frozenset(stem for _, stem, _ in files)
    shipped = frozenset(path.stem for theme in Theme for path in (_SHIPPED / theme.value).glob("*.yaml"))
    context = definitions.Context(lists, attributes.data, ids, shipped)
    faults = _dictionary(attributes, context)
    if faults:
        return [], faults
    layers: list[dict[str, Any]] = []
    for theme, stem, document in files:
        plain, wrong = definitions.resolve(document, theme, stem, context)
        faults += wrong
        layers.append(plain)
    faults += _unique([document for _, _, document in files])
    rank = {theme.value: n for n, theme in enumerate(Theme)}
    return sorted(layers, key=lambda one: (rank[one["theme"]], one["order"])), faults


def _dictionary(attributes: Document, context: definitions.Context) -> list[Fault]:
    """What is wrong with the shared attributes, told once and not per layer that uses them."""
    return [
        fault
        for name, one in attributes.data.items()
        for fault in definitions.check_attribute(attributes, (name,), {"name": name, **one}, context)
    ]


def _unique(documents: Sequence[Document]) -> list[Fault]:
    """Ids and resource codes are unique in the folder, orders within a theme."""
    faults: list[Fault] = []
    seen: dict[tuple[str, Any], str] = {}
    for document in documents:
        theme = document.name.partition("/")[0]
        data = document.data
        for where, key in (
            (("id",), ("id", data["id"])),
            (("order",), (f"order in {theme}", data["order"])),
            (("metadata", "code"), ("resource code", data["metadata"]["code"])),
        ):
            if key in seen:
                what = f"the {key[0]} {key[1]} stands already at {seen[key]}"
                faults.append(document.fault(where, what, "each once"))
            seen.setdefault(key, document.place(*where))
    return faults


def _ordered(faults: Sequence[Fault]) -> list[Fault]:
    """Once each, by file and line."""

    def place(fault: Fault) -> tuple[str, int]:
        name, _, line = fault.where.rpartition(":")
        return (name, int(line)) if line.isdigit() else (fault.where, 0)

    return sorted(dict.fromkeys(faults), key=place)


def _seal(plain: dict[str, Any]) -> None:
    """Give every code list and layer its digest; a layer's covers the lists that its attributes use."""
    digests = {name: digest_of(one) for name, one in plain["codelists"].items()}
    digests[divisions.LIST_ID] = digest_of(plain["divisions"])
    for name, one in plain["codelists"].items():
        one["digest"] = digests[name]
    for layer in plain["layers"]:
        used = sorted({one["codelist"] for one in layer["attributes"] if one.get("codelist")})
        layer["digest"] = digest_of([layer, [digests[name] for name in used]])
    plain["divisions_digest"] = digests[divisions.LIST_ID]
    plain["digest"] = digest_of([digests, [layer["digest"] for layer in plain["layers"]]])


def _build(plain: Mapping[str, Any]) -> Registry:
    places = divisions.build(plain["divisions"])
    lists = {name: codelists.build(one) for name, one in plain["codelists"].items()}
    departments = lists["departments"].codes
    lists[divisions.LIST_ID] = divisions.as_codelist(places, plain["divisions_digest"])
    layers = {one["id"]: build_layer(one) for one in plain["layers"]}
    return Registry(
        layers=MappingProxyType(layers),
        codelists=MappingProxyType(lists),
        divisions=places,
        departments=departments,
        digest=plain["digest"],
    )
