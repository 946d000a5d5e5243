"""Every class that `/conformance` lists has a route that earns it and a test here that proves it."""

from server.app import BLOCKS
from tests.conformance import suite

CLAIMED = frozenset(uri for block in BLOCKS for uri in block.conformance)


def test_every_class_has_a_test() -> None:
    found, _ = suite.proofs(CLAIMED)
    assert sorted(CLAIMED - found.keys()) == []


def test_no_test_is_of_a_class_that_is_not_claimed() -> None:
    _, strange = suite.proofs(CLAIMED)
    assert strange == []


def test_no_block_claims_without_a_route() -> None:
    assert [block.name for block in BLOCKS if block.conformance and not block.routes] == []


def test_a_class_without_a_test_would_be_noticed() -> None:
    made_up = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/nobody-tests-this"
    found, _ = suite.proofs({*CLAIMED, made_up})
    assert made_up not in found


def test_a_longer_class_is_not_taken_for_its_beginning() -> None:
    standard = "http://www.opengis.net/spec/ogcapi-features-3/1.0"
    short, long = f"{standard}/conf/queryables", f"{standard}/conf/queryables-query-parameters"
    name = "test_queryables_query_parameters_query_param"
    assert suite.class_of(name, standard, {short, long}) == long
    assert suite.class_of("test_queryables_get_queryables", standard, {short, long}) == short
    assert suite.class_of("test_filter_filter_param", standard, {short, long}) is None
