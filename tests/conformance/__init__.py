"""The standards' abstract tests, named by their ids: `/conf/core/fc-links` is `test_core_fc_links`.

A module is about one standard and says which: `STANDARD = "http://www.opengis.net/spec/ogcapi-features-1/1.0"` (or
`STANDARDS`, a tuple, where a standard has an older name beside its own). The name of a test begins with its conformance
class: `/conf/features-filter/mixing-expression` is `test_features_filter_mixing_expression`. Tests beyond the abstract
ones have names of the same form. Several ids in one test are joined by `_and_`.

`suite.py` reads these names; `test_completeness.py` fails when `/conformance` lists a class without a test here, when a
test here is of a class that it does not list, and when a block lists classes but has no route. The fixtures of
`conftest.py`: `iut` is a client of the tiny node over the embedded store, `each_iut` over each real store in turn.
"""

ITEMS = "/collections/parcels/items"
"""The items of a collection of the tiny node that anybody may read."""
