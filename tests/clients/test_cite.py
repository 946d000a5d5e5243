"""OGC's executable Features suite passes whole against the demo, where its jar is at hand.

The Processes suite reads schemas from the Internet while it runs: it is a command (`tests/clients/cite.py`).
"""

import pytest

from tests.clients.cite import SuiteError, run


@pytest.mark.slow
def test_the_features_suite_passes(demo: str) -> None:
    try:
        found = run("features", demo)
    except SuiteError as error:
        pytest.skip(str(error))
    failed = [f"{one.name} {one.argument}: {one.message}" for one in found if one.status == "FAIL"]
    assert not failed, "\n".join(failed)
    assert sum(one.status == "PASS" for one in found) > 300
