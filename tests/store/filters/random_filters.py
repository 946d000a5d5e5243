"""Random CQL2 text on the layer `parcels` of `tests.store.layers`, from a seed."""

from random import Random

from tests.store.sample import WORDS

_TEXTS = [one for one in WORDS if one is not None]
_COMPARE = ("=", "<>", "<", "<=", ">", ">=")
_TEMPORAL = (
    *("meets", "metby", "after", "before", "disjoint", "equals", "intersects", "contains", "during", "starts"),
    *("startedby", "finishes", "finishedby", "overlaps", "overlappedby"),
)
_SPATIAL = ("intersects", "disjoint", "equals", "touches", "within", "contains", "overlaps", "crosses")


class Generator:
    """Makes one filter after another. `plain` leaves out what the evaluator of `cql2` has otherwise: a day against an
    instant, an interval whose end is NULL, results that do not exist."""

    def __init__(self, seed: int, *, plain: bool = False) -> None:
        self.random = Random(seed)
        self.plain = plain

    def condition(self, depth: int = 3) -> str:
        if depth and self.random.random() < 0.6:
            match self.random.randrange(5):
                case 0:
                    return f"NOT ({self.condition(depth - 1)})"
                case 1 | 2:
                    return f"({self.condition(depth - 1)} AND {self.condition(depth - 1)})"
                case _:
                    return f"({self.condition(depth - 1)} OR {self.condition(depth - 1)})"
        made = self.random.choice(
            (
                self._numbers,
                self._numbers,
                self._texts,
                self._like,
                self._list,
                self._between,
                self._null,
                self._boolean,
                self._days,
                self._instants,
                self._period,
                self._place,
                self._place,
                self._array,
            )
        )
        return made()

    # --- predicates ---

    def _numbers(self) -> str:
        return f"{self._number(2)} {self.random.choice(_COMPARE)} {self._number(2)}"

    def _texts(self) -> str:
        return f"{self._text()} {self.random.choice(_COMPARE)} {self._text()}"

    def _like(self) -> str:
        pattern = "".join(
            self.random.choice(("%", "_", "a", "p", "z", "Z", "甲", "丙", "\\%", "e", "l")) for _ in range(4)
        )
        negated = self.random.choice(("", "NOT "))
        return f"name {negated}LIKE '{pattern}'"

    def _list(self) -> str:
        negated = self.random.choice(("", "NOT "))
        if self.random.random() < 0.5:
            return f"name {negated}IN ({', '.join(_quoted(self.random.choice(_TEXTS)) for _ in range(3))})"
        name = self.random.choice(("floors", "area"))
        return f"{name} {negated}IN ({', '.join(self._literal() for _ in range(3))})"

    def _between(self) -> str:
        negated = self.random.choice(("", "NOT "))
        return f"{self._number(1)} {negated}BETWEEN {self._literal()} AND {self._literal()}"

    def _null(self) -> str:
        names = ["name", "area", "floors", "protected", "approval_date", "surveyed_at", "geometry"]
        return f"{self.random.choice(names)} IS {self.random.choice(('', 'NOT '))}NULL"

    def _boolean(self) -> str:
        return self.random.choice(
            ("protected", "protected = true", "protected <> true", "NOT protected", "true", "1 = 2")
        )

    def _days(self) -> str:
        right = self._day() if self.plain or self.random.random() < 0.7 else self._instant()
        return f"approval_date {self.random.choice(_COMPARE)} {right}"

    def _instants(self) -> str:
        right = self._instant() if self.plain or self.random.random() < 0.7 else self._day()
        return f"surveyed_at {self.random.choice(_COMPARE)} {right}"

    def _period(self) -> str:
        # CQL2 says of intervals alone whether they meet.
        function = self.random.choice(_TEMPORAL[2:] if self.plain else _TEMPORAL)
        if self.plain:
            return f"T_{function.upper()}({self._days_period()}, {self._days_period()})"
        return f"T_{function.upper()}({self._any_period()}, {self._any_period()})"

    def _place(self) -> str:
        return f"S_{self.random.choice(_SPATIAL).upper()}(geometry, {self._geometry()})"

    def _array(self) -> str:
        function = self.random.choice(("EQUALS", "CONTAINS", "CONTAINEDBY", "OVERLAPS"))
        arrays = (", ".join(_quoted(self.random.choice("ab")) for _ in range(2)) for _ in range(2))
        return f"A_{function}({', '.join(f'({one})' for one in arrays)})"

    # --- operands ---

    def _literal(self) -> str:
        return self.random.choice(("-1", "0", "1", "2", "3", "0.5", "1.25", "2.5", "100"))

    def _number(self, depth: int) -> str:
        if depth and self.random.random() < 0.4:
            signs = ("+", "-", "*") if self.plain else ("+", "-", "*", "/", "div", "%", "^")
            # Never two literals: 1 / 0 is refused, not unknown.
            property = self.random.choice(("area", "floors"))
            return f"({property} {self.random.choice(signs)} {self._number(depth - 1)})"
        return self.random.choice(("area", "floors", self._literal()))

    def _text(self) -> str:
        value = self.random.choice(("name", "division_code", "id", _quoted(self.random.choice(_TEXTS))))
        fold = self.random.choice(("", "", "CASEI", "ACCENTI"))
        return f"{fold}({value})" if fold else value

    def _day(self) -> str:
        return f"DATE('2020-0{self.random.randint(1, 3)}-0{self.random.randint(1, 4)}')"

    def _instant(self) -> str:
        hour = self.random.choice(("08:30:00", "16:00:00", "15:59:59", "00:00:00"))
        return f"TIMESTAMP('2021-03-0{self.random.randint(1, 5)}T{hour}Z')"

    def _days_period(self) -> str:
        start = f"2020-0{self.random.randint(1, 2)}-0{self.random.randint(1, 4)}"
        end = f"2020-0{self.random.randint(2, 3)}-0{self.random.randint(4, 8)}"
        return self.random.choice(
            (
                "approval_date",
                # CQL2 says of intervals alone how they begin and end; `cql2` ends a day otherwise than an interval.
                "approval_date" if self.plain else self._day(),
                f"INTERVAL('{start}', '{end}')",
                f"INTERVAL('{start}', '..')",
                f"INTERVAL('..', '{end}')",
                *(() if self.plain else ("INTERVAL(approval_date, '..')", f"INTERVAL('{start}', approval_date)")),
            )
        )

    def _any_period(self) -> str:
        start = f"2021-03-0{self.random.randint(1, 2)}"
        return self.random.choice(
            (
                self._days_period(),
                self._days_period(),
                "surveyed_at",
                self._instant(),
                "INTERVAL(approval_date, surveyed_at)",
                "INTERVAL(valid_from, valid_to)",
                f"INTERVAL('{start}T00:00:00Z', '2021-03-04T08:30:00Z')",
                f"INTERVAL('{start}', surveyed_at)",
            )
        )

    def _geometry(self) -> str:
        x, y = 114 + self.random.randint(0, 31) * 0.01, 30 + self.random.randint(0, 5) * 0.01
        size = self.random.choice((0.002, 0.004, 0.05, 0.2, 2))
        x, y, far, up = round(x, 3), round(y, 3), round(x + size, 3), round(y + size, 3)
        return self.random.choice(
            (
                f"BBOX({x}, {y}, {far}, {up})",
                f"POLYGON(({x} {y}, {far} {y}, {far} {up}, {x} {up}, {x} {y}))",
                f"POLYGON(({x} {y}, {far} {y}, {far} {up}, {x} {y}))",
                f"MULTIPOLYGON((({x} {y}, {far} {y}, {far} {up}, {x} {y})), ((150 31, 151 31, 151 32, 150 31)))",
                f"LINESTRING({x} {y}, {far} {up})",
                f"LINESTRING({x} {y}, {far} {y})",
                f"MULTILINESTRING(({x} {y}, {far} {up}), (115 31, 115.1 31))",
                f"POINT({x} {y})",
                f"MULTIPOINT(({x} {y}), (115 31), ({far} {up}))",
            )
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
