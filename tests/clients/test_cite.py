"""OGC's executable Features and Tiles suites pass whole against the demo, where their jars are at hand.

The Processes suite reads schemas from the Internet while it runs: it is a command (`tests/clients/cite.py`).
"""

import pytest

from tests.clients.cite import SuiteError, run


@pytest.mark.slow
@pytest.mark.parametrize(("suite", "least"), [("features", 300), ("tiles", 15)])
def test_the_suite_passes(suite: str, least: int, demo: str) -> None:
    try:
        found = run(suite, demo)
    except SuiteError as error:
        pytest.skip(str(error))
    failed = [f"{one.name} {one.argument}: {one.message}" for one in found if one.status == "FAIL"]
    assert not failed, "\n".join(failed)
    assert sum(one.status == "PASS" for one in found) > least
