"""OGC API Features Parts 4 (20-002r1) and 11 (26-018), drafts: edits of features, one by one and several at once.

Only where the configuration has `editing`.
"""

from collections.abc import Mapping

from server.block import Block, route
from server.edits import definition
from server.edits.door import attach, editable, editing
from server.edits.items import change_item, delete_item, post_items
from server.edits.transactions import post_transaction
from server.http.call import Call

__all__ = ["BLOCK"]

_CLASSES = {
    4: ("create-replace-delete", "update", "features", "optimistic-locking-etags", "optimistic-locking-timestamps"),
    11: (
        "transactions",
        "atomic-transactions",
        "atomic-semantics",
        "batch-transactions",
        "batch-semantics",
        "json-transactions",
        "features",
    ),
}
"""The draft of Part 11 names the classes of both semantics in two ways."""
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-{part}/1.0/conf/{one}"
    for part, classes in _CLASSES.items()
    for one in classes
)
_ITEM = "/collections/{collectionId}/items/{featureId}"


def _offered(call: Call, _path_params: Mapping[str, str]) -> bool:
    return editing(call.node) is not None


BLOCK = Block(
    "edits",
    conformance=CONFORMANCE,
    routes=(
        route("/collections/{collectionId}/items", post_items, ("POST",), "postItems", editable),
        route(_ITEM, change_item, ("PUT",), "replaceItem", editable),
        route(_ITEM, change_item, ("PATCH",), "updateItem", editable),
        route(_ITEM, delete_item, ("DELETE",), "deleteItem", editable),
        route("/transactions", post_transaction, ("POST",), "postTransaction", _offered),
    ),
    paths=definition.paths,
    components=definition.components,
    attach=attach,
    tags=(("edits", "Changing features, with a writer's token"),),
    offered=lambda node: editing(node) is not None,
)
