"""Our store as a pygeoapi provider, by its dotted path `server.provider.DuoguiProvider`.

pygeoapi makes a provider for every request, so that the stores are opened once and kept. Coordinates come from our own
engine in the order of the axes that the CRS's authority gives, as `storage_crs` CRS84 makes pygeoapi expect them.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from config.layers import AttributeType, Layer, Sharing
from server import params
from server.shell import BaseProvider, ProviderInvalidQueryError, ProviderQueryError, told
from store.criteria import CRS84, Criteria, Scope, SortKey, ValidTime
from store.crs import resolve, to_box
from store.interface import Store
from store.values import VALIDITY

_TYPES: Mapping[AttributeType, dict[str, str]] = {
    AttributeType.STRING: {"type": "string"},
    AttributeType.INTEGER: {"type": "integer"},
    AttributeType.NUMBER: {"type": "number"},
    AttributeType.BOOLEAN: {"type": "boolean"},
    AttributeType.DATE: {"type": "string", "format": "date"},
    AttributeType.DATETIME: {"type": "string", "format": "date-time"},
}
_KEYS = ("store", "collections", "timezone")
_OPENED: dict[tuple[str, ...], tuple[Store, Mapping[str, Layer]]] = {}
_LOCK = Lock()


def _open(data: Mapping[str, Any]) -> tuple[Store, Mapping[str, Layer]]:
    """The store that a provider definition names, and the layers in it; opened once in a process."""
    key = tuple(str(data[name]) for name in _KEYS)
    with _LOCK:
        if key not in _OPENED:
            from config import registry
            from store import open_store

            layers = registry.load(Path(data["collections"])).layers
            stored = {id: layer for id, layer in layers.items() if layer.stored}
            _OPENED[key] = (open_store(data["store"], stored, data["timezone"]), layers)
        return _OPENED[key]


class DuoguiProvider(BaseProvider):  # type: ignore[misc]  # pygeoapi has no types
    """One layer, read only.

    The definition's `data`: `layer` (collection id), `store` (address), `collections` (folder of definitions),
    `timezone`, `open` (sharing classes that may be read). `notice` (zh, en) is said with every answer.
    """

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self._notice: Mapping[str, str] = provider_def.get("notice") or {}
        self._store, layers = _open(self.data)
        self._layer = layers[self.data["layer"]]
        self._scope = Scope("provider", frozenset(Sharing(one) for one in self.data["open"]))
        if not self._scope.allows(self._layer.sharing):
            raise ProviderQueryError(f"Collection '{self._layer.id}' is not open")
        self.get_fields()

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """Name to JSON schema of every property."""
        if not self._fields:
            for one in self._layer.attributes:
                self._fields[one.name] = {"title": one.title.zh, **_TYPES[one.type]}
                if one.unit:
                    self._fields[one.name]["x-ogc-unit"] = one.unit
            for name in VALIDITY:
                self._fields[name] = {"title": name, **_TYPES[AttributeType.DATE]}
        return self._fields  # type: ignore[no-any-return]

    @told()
    def query(  # noqa: PLR0913  pygeoapi's signature
        self,
        offset: int = 0,
        limit: int = 10,
        resulttype: str = "results",
        bbox: Sequence[float] = (),
        datetime_: str | None = None,
        properties: Sequence[tuple[str, str]] = (),
        sortby: Sequence[Mapping[str, str]] = (),
        select_properties: Sequence[str] = (),
        skip_geometry: bool = False,
        q: str | None = None,
        filterq: Any = None,
        crs_transform_spec: Any = None,
        language: Any = None,
        **_kwargs: Any,
    ) -> dict[str, Any]:
        """A page as a GeoJSON FeatureCollection; `bbox` is west, south, east, north in CRS84 degrees."""
        if q or filterq is not None:
            raise ProviderInvalidQueryError(
                user_msg="q and filter are answered by the node itself, not through pygeoapi"
            )
        box = to_box(bbox, resolve(CRS84)) if bbox else None
        criteria = Criteria(
            scope=self._scope,
            limit=limit,
            offset=offset,
            box=box,
            valid=self._valid(datetime_),
            equals=tuple((name, params.equals(self._layer, name, text)) for name, text in properties),
            sort=tuple(SortKey(one["property"], one["order"] == "-") for one in sortby),
            crs=_target(crs_transform_spec),
            properties=tuple(select_properties) or None,
            geometry=not skip_geometry,
        )
        nothing = bool(bbox) and box is None
        made: dict[str, Any] = {"type": "FeatureCollection", **said(self._notice, language), "features": []}
        if self.count or resulttype == "hits":
            made["numberMatched"] = 0 if nothing else self._store.count(self._layer.id, criteria)
        if resulttype != "hits" and not nothing:
            made["features"] = [json.loads(text) for text in self._store.page(self._layer.id, criteria).features]
        made["numberReturned"] = len(made["features"])
        return made

    @told()
    def get(
        self, identifier: str, crs_transform_spec: Any = None, language: Any = None, **_kwargs: Any
    ) -> dict[str, Any]:
        """One feature as GeoJSON, as it is valid today."""
        criteria = Criteria(scope=self._scope, crs=_target(crs_transform_spec))
        found: dict[str, Any] = json.loads(self._store.item(self._layer.id, identifier, criteria).text)
        return found | said(self._notice, language)

    def get_schema(self, _schema_type: Any = None) -> tuple[str, dict[str, Any]]:
        """Media type and JSON schema of an item."""
        properties = {name: dict(one) for name, one in self.fields.items()}
        schema = {"type": "object", "properties": {"properties": {"type": "object", "properties": properties}}}
        return "application/geo+json", schema

    def _valid(self, text: str | None) -> ValidTime | None:
        return params.moment(text, ZoneInfo(self.data["timezone"])) if text else None

    def __repr__(self) -> str:
        return f"<DuoguiProvider> {self._layer.id}"


def said(notice: Mapping[str, str], language: Any) -> dict[str, str]:
    """The member `notice` in the language that pygeoapi was asked for (a Babel locale), in all where it was not."""
    spoken = notice.get(getattr(language, "language", "")) or " / ".join(notice.values())
    return {"notice": spoken} if spoken else {}


def _target(spec: Any) -> str:
    """The CRS that pygeoapi was asked for, by its URI."""
    return CRS84 if spec is None else resolve(spec.target_crs_uri).uri
