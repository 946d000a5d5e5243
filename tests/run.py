"""`./duogui test`: all tests, on the embedded store always, and on PostGIS where it is at hand.

One throw-away cluster serves all workers. Further arguments go to pytest.
"""

import os
import sys
from contextlib import ExitStack

import pytest

from tests import postgis


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        if not os.environ.get(postgis.URL_VARIABLE):
            if postgis.programs() is not None:
                os.environ[postgis.URL_VARIABLE] = stack.enter_context(postgis.cluster())
            else:
                print("PostGIS is not installed here: its tests are skipped, the embedded store's run.", flush=True)
        parallel = (
            [] if any(one.startswith(("-n", "--pdb")) for one in arguments) else ["-n", "2", "--dist", "loadfile"]
        )
        return int(pytest.main([*parallel, *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
