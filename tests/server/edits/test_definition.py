"""The API definition of a node that takes edits."""

import json
import re

from tests.server.edits.conftest import Writing


def test_the_definition_names_edits_and_holds_all_that_it_refers_to(client: Writing) -> None:
    api = client.get("/api").json()
    item = api["paths"]["/collections/{collectionId}/items/{featureId}"]
    assert {"get", "put", "patch", "delete"} <= set(item)
    create = api["paths"]["/collections/parcels/items"]["post"]["requestBody"]["content"]
    assert {"application/geo+json", "text/cql2"} <= set(create)
    assert "post" in api["paths"]["/transactions"]
    for kind, name in set(re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(api))):
        assert name in api["components"][kind], (kind, name)


def test_a_query_by_post_needs_no_token(client: Writing) -> None:
    paths = client.get("/api").json()["paths"]
    assert paths["/collections/parcels/items"]["post"]["security"] == [{"token": []}, {}]
    assert paths["/transactions"]["post"]["security"] == [{"token": []}]
