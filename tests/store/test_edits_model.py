"""Random edits of several writers, on both stores, end in the state that a plain model predicts."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from config.errors import DuoguiError
from store.criteria import Criteria, Edit, Operation, ValidTime
from store.engine import Database
from store.interface import Written
from store.sql import SqlStore
from store.verify import verify
from tests.store.model import Model, RefusedError
from tests.store.writable import PARCELS, TODAY, square

PERMITS = "permits"
LAYERS = (PARCELS, PERMITS)
DAYS = [date(2010, 1, 1), date(2015, 6, 1), date(2024, 5, 31), TODAY, date(2024, 6, 2), date(2030, 1, 1)]
OPERATIONS = [
    Operation.CREATE,
    Operation.REPLACE,
    Operation.REPLACE,
    Operation.UPDATE,
    Operation.UPDATE,
    Operation.DELETE,
]


def any_edit(dice: random.Random, ids: list[str]) -> Edit:
    """An edit of one of a few features, from a past, present or future day, sometimes with a guess at the version."""
    layer, operation = dice.choice(LAYERS), dice.choice(OPERATIONS)
    properties = {} if operation is Operation.DELETE else {"name": dice.choice("abc")}
    if operation in (Operation.CREATE, Operation.REPLACE):
        properties["area"] = float(dice.randrange(3))
    return Edit(
        layer,
        operation,
        dice.choice(ids),
        square(110.0) if layer == PARCELS and operation in (Operation.CREATE, Operation.REPLACE) else None,
        keep_geometry=operation is Operation.UPDATE,
        properties=properties,
        valid_from=dice.choice([None, None, *DAYS]),
        expected=dice.choice([None, None, frozenset({dice.randrange(1, 6)}), frozenset({1, 2, 3})])
        if operation is not Operation.CREATE
        else None,
    )


def transaction(dice: random.Random, ids: list[str]) -> list[Edit]:
    return [any_edit(dice, ids) for _ in range(dice.choice([1, 1, 1, 2, 4]))]


def held_against(database: Database, model: Model) -> None:
    """Rows, revision and change log of the store are the model's."""
    store = SqlStore(database)
    for layer in LAYERS:
        features = model.layers.get(layer, {})
        for day in DAYS:
            found: dict[str, tuple[int, str, float]] = {}
            for batch in store.batches(layer, Criteria(valid=ValidTime(day, day))):
                rows = zip(
                    batch.id.tolist(),
                    batch.version.tolist(),
                    batch.columns["name"].tolist(),
                    batch.columns["area"].tolist(),
                    strict=True,
                )
                found |= {id: (version, name, area) for id, version, name, area in rows}
            states = {id: one.on(day) for id, one in features.items()}
            wanted = {id: (state[2], *state[3]) for id, state in states.items() if state is not None}
            assert found == wanted, (layer, day)
        assert store.state(layer).revision == model.revisions.get(layer, 0)
        log = store.changes(layer, limit=100_000)
        assert [one.sequence for one in log] == list(range(1, model.changed.get(layer, 0) + 1))
        assert {id for id, one in features.items() if one.states} <= {one.id for one in log}
    assert verify(database) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_store_does_what_the_model_says(empty_database: Database, seed: int) -> None:
    """Accepted and refused alike, one edit after the other and several at once."""
    dice, model, store = random.Random(seed), Model(TODAY), SqlStore(empty_database)
    ids = [f"F{n}" for n in range(8)]
    accepted = 0
    for _ in range(150):
        edits = transaction(dice, ids)
        try:
            model.write(edits)
            said = ""
        except RefusedError as refused:
            said = str(refused)
        try:
            store.write(edits, "model")
            did = ""
        except DuoguiError as error:
            did = type(error).__name__
        assert did == said, edits
        accepted += not did
    assert 5 < accepted < 145
    held_against(empty_database, model)


def test_writers_at_once_leave_what_their_transactions_say_in_order(empty_database: Database) -> None:
    """Four threads; the order of transactions is each layer's revision, and is the same in both layers."""
    store = SqlStore(empty_database)
    ids = [f"F{n}" for n in range(6)]

    def work(number: int) -> list[tuple[list[Edit], list[Written]]]:
        dice = random.Random(100 + number)
        done = []
        for _ in range(40):
            edits = transaction(dice, ids)
            try:
                done.append((edits, list(store.write(edits, f"writer {number}"))))
            except DuoguiError:
                continue
        return done

    with ThreadPoolExecutor(4) as pool:
        done = [one for found in pool.map(work, range(4)) for one in found]
    # Where nothing was changed in a layer its revision is that of the transaction before: then the other layer decides.
    order: dict[int, dict[str, int]] = {}
    for place, (_, written) in enumerate(done):
        order[place] = {one.layer: one.revision for one in written if one.changed}
    model, left = Model(TODAY), {place for place in order if order[place]}
    while left:
        at = model.revisions
        ready = [
            place for place in left if all(revision == at.get(layer, 0) + 1 for layer, revision in order[place].items())
        ]
        assert len(ready) >= 1, "the layers disagree about the order of transactions"
        edits, written = done[ready[0]]
        model.write(edits)
        for edit, one in zip(edits, written, strict=True):
            assert (one.layer, one.id) == (edit.layer, edit.id)
        left.remove(ready[0])
    held_against(empty_database, model)
    assert {one.author for one in store.changes(PARCELS, limit=1000)} == {f"writer {n}" for n in range(4)}
