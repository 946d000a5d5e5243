"""The check of a store finds each kind of disagreement."""

import pytest

from store.migrate import migrate
from store.verify import verify
from tests.store.writable import create, delete, edit, opened, update

DAMAGES = [
    ("UPDATE node_layers SET count = 7 WHERE layer = 'parcels'", "its count is 7, of its states 2"),
    ("UPDATE node_layers SET revision = 9 WHERE layer = 'parcels'", "its revision is 9, its last transaction 3"),
    ("UPDATE node_layers SET west = 111 WHERE layer = 'parcels'", "does not enclose its states"),
    ("UPDATE node_layers SET next_fid = 2 WHERE layer = 'parcels'", "is not given out yet"),
    ("DELETE FROM node_changes WHERE sequence = 2", "change log has gaps"),
    ("DELETE FROM node_transactions WHERE revision = 2", "name different revisions"),
    ("DELETE FROM node_boundaries WHERE ends = 0", "its boundaries are not"),
    ("UPDATE layer_parcels SET tx_from = 5 WHERE id = 'A'", "was left by a load"),
    ("UPDATE layer_parcels SET tx_to = 9 WHERE id = 'A'", "was left by a load"),
    ("UPDATE layer_parcels SET name = 'other' WHERE id = 'A'", "its digest is not that of its columns"),
    ("UPDATE layer_parcels SET json = '{}' WHERE id = 'A'", "its text is not that of its columns"),
    ("UPDATE layer_parcels SET valid_to = '2014-01-01' WHERE id = 'A'", "holds on no day"),
    ("UPDATE layer_parcels SET valid_from = '2010-01-01' WHERE id = 'B'", "hold on the same day"),
    ("UPDATE layer_parcels SET row_id = 7 WHERE id = 'A'", "its key does not fit"),
    ("UPDATE past_parcels SET tx_to = 9 WHERE id = 'A'", "lies in the history and is not replaced"),
    ("DELETE FROM node_layers WHERE layer = 'roads'", "has no state row"),
]
RTREE = [
    ("DELETE FROM rtree_layer_parcels_geom WHERE id = 1026", "entries"),
    ("UPDATE rtree_layer_parcels_geom SET minx = 110.2", "do not enclose their geometry"),
]


def damaged(url: str, statement: str) -> list[str]:
    database = opened(url)
    migrate(database)
    edit(database, create("A"), create("B", valid_from=None), create("C"))
    edit(
        database, update("A", {"name": "b"}), update("B", {"name": "b"}, valid_from=database.today().replace(year=2030))
    )
    edit(database, delete("C"))
    assert verify(database) == []
    with database.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    found = verify(database)
    database.close()
    return found


@pytest.mark.parametrize(("statement", "said"), DAMAGES)
def test_what_does_not_agree_is_told(empty_url: str, statement: str, said: str) -> None:
    assert any(said in fault for fault in damaged(empty_url, statement))


@pytest.mark.parametrize(("statement", "said"), RTREE)
def test_a_spatial_index_that_does_not_fit_its_rows_is_told(tmp_path, statement: str, said: str) -> None:
    assert any(said in fault for fault in damaged(f"sqlite:///{tmp_path}", statement))
