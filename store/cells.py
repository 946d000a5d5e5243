"""Texts in the cells of a delimited file, so that no spreadsheet runs them as formulas.

Values of features are written by many hands, and a spreadsheet computes a cell that begins with one of `=+-@`, a tab or
a carriage return. Such a text gets an apostrophe in front, which `plain` takes away again.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """The text as a cell."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """The text of a cell: the inverse of `guarded`."""
    return cell[1:] if _GUARDED.match(cell) else cell
