"""OGC's executable suites pass whole against the demo, where their jars are at hand."""

import pytest

from tests.clients.cite import SuiteError, run


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["features", "processes"])
def test_suite(suite: str, demo: str) -> None:
    try:
        found = run(suite, demo)
    except SuiteError as error:
        pytest.skip(str(error))
    failed = [f"{one.name} {one.argument}: {one.message}" for one in found if one.status == "FAIL"]
    assert not failed, "\n".join(failed)
    assert sum(one.status == "PASS" for one in found) > 30
