"""OGC API Features Part 4 (20-002r1, draft): edits of single features; only where the configuration has `editing`."""

from server.block import Block, route
from server.edits.door import editable, editing
from server.edits.items import change_item, delete_item, post_items

__all__ = ["BLOCK"]

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/{one}"
    for one in (
        "create-replace-delete",
        "update",
        "features",
        "optimistic-locking-etags",
        "optimistic-locking-timestamps",
    )
)
_ITEM = "/collections/{collectionId}/items/{featureId}"

BLOCK = Block(
    "edits",
    conformance=CONFORMANCE,
    routes=(
        route("/collections/{collectionId}/items", post_items, ("POST",), "postItems", editable),
        route(_ITEM, change_item, ("PUT",), "replaceItem", editable),
        route(_ITEM, change_item, ("PATCH",), "updateItem", editable),
        route(_ITEM, delete_item, ("DELETE",), "deleteItem", editable),
    ),
    offered=lambda node: editing(node) is not None,
)
