"""A few divisions and a code list, for the functions that look things up."""

from datetime import date

from config.divisions import Division, Divisions
from config.layers import Code, CodeList, Level, Text


def _division(code: str, level: Level, parent: str | None, **more) -> Division:
    return Division(code, "GB/T 2260", Text(code, code), level, parent, **more)


DIVISIONS = Divisions(
    {
        one.code: one
        for one in (
            _division("130000", Level.PROVINCE, None),
            _division("130100", Level.CITY, "130000"),
            _division("130102", Level.COUNTY, "130100"),
            _division("130104", Level.COUNTY, "130100"),
            # closed in 2014; its place is now in 130104
            _division("130103", Level.COUNTY, "130100", valid_to=date(2014, 9, 1), successor="130104"),
            _division("130600", Level.CITY, "130000"),
            # one county under two codes, one of which does not begin like its city's
            _division("130682", Level.COUNTY, "130600"),
            _division("139001", Level.COUNTY, "130000", same_as="130682"),
        )
    }
)


def _code(code: str, parent: str | None = None) -> Code:
    return Code(code, Text(code, code), parent)


CODES = {one.code: one for one in (_code("07"), _code("0701", "07"), _code("070101", "0701"), _code("08"), _code("0"))}
CLASSES = CodeList("land-use", Text("用地", "Land use"), "guide", CODES)
EXTENDED = CodeList("land-use-city", Text("用地", "Land use"), "guide", CODES, fallback=True)
