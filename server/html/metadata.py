"""The 13 core fields of 政务信息资源目录编制指南 of a collection in words: one table for page and document.

Nothing here depends on a request but the language; codes are shown by the titles of their lists.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from config.layers import Language, Layer, Text
from server.html import texts

if TYPE_CHECKING:
    from config.registry import Registry

FIELDS: Mapping[str, Text] = {
    "classification": Text("信息资源分类", "Classification"),
    "name": Text("信息资源名称", "Name"),
    "resourceCode": Text("信息资源代码", "Resource code"),
    "provider": Text("信息资源提供方", "Provider"),
    "abstract": Text("信息资源摘要", "Abstract"),
    "format": Text("信息资源格式", "Format"),
    "informationItems": Text("信息项信息", "Information items"),
    "sharing": Text("共享属性", "Sharing"),
    "openness": Text("开放属性", "Openness"),
    "updateCycle": Text("更新周期", "Update cycle"),
    "published": Text("发布日期", "Published"),
    "relatedResources": Text("关联资源", "Related resources"),
    "sectors": Text("行业分类", "Sectors"),
}
"""Names of the members and titles of the fields, in the order of the guide."""


def core_metadata(
    layer: Layer, registry: "Registry | None", layers: Mapping[str, Layer], language: Language
) -> dict[str, str]:
    """Every field's text by its name in `FIELDS`; empty where the definition says nothing.

    Args:
        layer: whose metadata are told.
        registry: the lists that give codes their titles; without one codes stay codes.
        layers: the collections of the node, whose titles stand for their ids among the related resources.
        language: of the texts.
    """

    def titled(codelist: str, code: str) -> str:
        codes = registry.codelist(codelist) if registry else None
        found = codes.find(code) if codes else None
        return found.title[language] if found else code

    def said(*texts_: Text | None) -> Iterator[str]:
        return (one[language] for one in texts_ if one)

    core = layer.metadata
    comma = "、" if language == "zh" else ", "
    department = registry.departments.get(layer.provider) if registry else None
    shape = (texts.KINDS[layer.kind][language], texts.geometry(layer, language)[0])
    sharing = (texts.SHARING[layer.sharing][language], *said(core.sharing_condition))
    openness = (titled("openness", core.openness) if core.openness else "", *said(core.open_condition))
    values = (
        " / ".join(titled("catalogue-classes", code) for code in core.classification),
        layer.title[language],
        core.resource_code,
        department.title[language] if department else layer.provider,
        layer.description[language],
        _joined(dict.fromkeys(shape)),
        comma.join(one.title[language] for one in layer.attributes),
        _joined((*sharing, titled("sharing-modes", core.sharing_mode))),
        _joined(openness),
        titled("update-cycles", core.update_cycle),
        core.published.isoformat(),
        comma.join(layers[id].title[language] if id in layers else id for id in core.related),
        comma.join(titled("industries", code) for code in core.industries),
    )
    return dict(zip(FIELDS, values, strict=True))


def _joined(parts: "tuple[str, ...] | dict[str, None]") -> str:
    return " · ".join(part for part in parts if part)
