"""The tile matrix sets of the node: TMS 2.0 (17-083r4), their JSON encoding and a page each."""

from typing import Any

from server.documents import Kind, document
from server.http.answer import Answer
from server.http.call import Call
from server.http.links import link, own
from server.http.negotiate import PAGES, Format
from server.tiles.asked import grid_of
from server.tiles.service import grids_of


async def get_matrix_sets(call: Call) -> Answer:
    """The list of the sets."""
    grids = grids_of(call.node)

    def build(form: Format) -> dict[str, Any]:
        listed = []
        for grid in grids.values():
            place = f"{call.base}/tileMatrixSets/{grid.id}"
            one: dict[str, Any] = {"id": grid.id, "title": grid.set.title, "crs": grid.set.crs}
            if grid.set.uri:
                one["uri"] = grid.set.uri
            one["links"] = [link(f"{place}?f=json", "self", "application/json", grid.set.title)]
            listed.append(one)
        return {"tileMatrixSets": listed, "links": own(call, "/tileMatrixSets", PAGES, form)}

    return await document(call, Kind("tilematrixsets", PAGES), "", build)


async def get_matrix_set(call: Call) -> Answer:
    """One set, as its file has it (/req/json-tilematrixset/model)."""
    grid = grid_of(call, grids_of(call.node))

    def build(form: Format) -> dict[str, Any]:
        links = own(call, f"/tileMatrixSets/{grid.id}", PAGES, form)
        return {**grid.set.document, "links": links}

    return await document(call, Kind("tilematrixset", PAGES, None, (), (grid.id,)), grid.set.digest, build)
