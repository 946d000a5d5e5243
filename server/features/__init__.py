"""OGC API Features Parts 1, 2, 6, 7, 8 and 9: pages of features and single features."""

from server.block import Block, route
from server.features import definition
from server.features.changes import get_changes
from server.features.formats import jsonfg
from server.features.item import get_item
from server.features.items import get_items
from server.features.versions import get_versions

__all__ = ["BLOCK", "get_item", "get_items"]

CONFORMANCE = (
    *(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{one}" for one in ("core", "geojson", "html", "oas30")),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    *(
        f"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{one}"
        for one in ("queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{one}"
        for one in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
    "http://www.opengis.net/spec/ogcapi-features-6/1.0/conf/properties",
    "http://www.opengis.net/spec/ogcapi-features-6/1.0/conf/properties-features",
    "http://www.opengis.net/spec/ogcapi-features-7/1.0/conf/zoom-level",
    "http://www.opengis.net/spec/ogcapi-features-7/1.0/conf/zoom-level-features",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/features-sorting",
    *jsonfg.CLASSES,
    "http://www.opengis.net/spec/ogcapi-features-9/1.0/conf/text-search",
    "http://www.opengis.net/spec/ogcapi-features-9/1.0/conf/features-text-search",
)

BLOCK = Block(
    "features",
    conformance=CONFORMANCE,
    routes=(
        route("/collections/{collectionId}/items", get_items, operation="getItems"),
        route("/collections/{collectionId}/items/{featureId}", get_item, operation="getItem"),
        route("/collections/{collectionId}/items/{featureId}/versions", get_versions, operation="getVersions"),
        route("/collections/{collectionId}/changes", get_changes, operation="getChanges"),
    ),
    paths=definition.paths,
    components=definition.components,
)
