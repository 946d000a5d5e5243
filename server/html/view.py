"""What a page is told beside its document: language, addresses, the node, and the definitions behind the document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from config.layers import CodeList, Language, Layer

if TYPE_CHECKING:
    from config.registry import Registry
    from server.http.call import Call

type Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class View:
    """How one document is shown.

    Attributes:
        base_url: what every link starts with (public address and sub-path), no trailing slash.
        path: the resource's path below `base_url`, percent-encoded, beginning with a slash.
        query: the request's query parameters, decoded.
        notice: shown on every page, e.g. that the data are synthetic (模拟).
        license: name and address of the licence of the data.
        registry: the definitions that the node has read: code lists, departments, divisions.
        layers: the collections that the node publishes, by id.
        layer: the definition behind a page about one collection.
        counts: features valid today, by collection id; a collection that is missing shows no count.
        extra: what else a page shows: `versions` of an item, as `Store.versions` gives them.
        timezone: the node's, in which people read instants.
    """

    language: Language
    base_url: str
    root_path: str = ""
    node_title: str = "Duogui"
    node_description: str = ""
    notice: str = ""
    path: str = "/"
    query: Pairs = ()
    license: Mapping[str, str] = field(default_factory=lambda: {"name": "", "url": ""})
    registry: "Registry | None" = None
    layers: Mapping[str, Layer] = field(default_factory=dict)
    layer: Layer | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    timezone: str = "Asia/Shanghai"

    @classmethod
    def of(cls, call: "Call", layer: Layer | None = None, **extra: Any) -> "View":
        """The view of a request, with the definitions of its node; counts of what the caller may read."""
        node = call.node
        settings = node.settings.node
        language = call.language
        return cls(
            language=language,
            base_url=call.base,
            root_path=call.root,
            node_title=settings.title[language],
            node_description=settings.description[language] if settings.description else "",
            notice=settings.notice[language] if settings.notice else "",
            license={"name": settings.license.name[language], "url": settings.license.url},
            path=call.raw_path,
            query=tuple(call.pairs),
            registry=node.registry,
            layers=node.layers,
            layer=layer,
            counts={id: count for id, count in node.counts.items() if call.scope.allows(node.layers[id].sharing)},
            extra=extra,
            timezone=settings.timezone,
        )

    def codelist(self, name: str | None) -> CodeList | None:
        """The code list that an attribute names, if it is known."""
        return self.registry.codelist(name) if self.registry else None

    def department(self, code: str) -> str:
        """The name of a department in the page's language, or its code."""
        found = self.registry.departments.get(code) if self.registry else None
        return found.title[self.language] if found else code

    def moment(self, instant: datetime | str, seconds: bool = False) -> str:
        """An instant (a string: RFC 3339) on the node's clock; a string that is none stays as it is."""
        try:
            given = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        except ValueError:
            return str(instant)
        form = "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
        return given.astimezone(ZoneInfo(self.timezone)).strftime(form)

    @property
    def more(self) -> str:
        """What every link to a page carries on: the language, where the caller chose it in the address."""
        return f"&lang={self.language}" if any(name == "lang" for name, _ in self.query) else ""

    def page(self, path: str) -> str:
        """The address of another page of this server, in the same language."""
        return f"{self.base_url}{path}?f=html{self.more}"

    def address(self, path: str | None = None, **changes: str | None) -> str:
        """The address of `path` (default: this resource with its query), with parameters set, or removed by None."""
        given = [] if path is not None else [pair for pair in self.query if pair[0] not in changes]
        given += [(name, value) for name, value in changes.items() if value is not None]
        where = self.path if path is None else path
        return f"{self.base_url}{where}{'?' + urlencode(given) if given else ''}"
