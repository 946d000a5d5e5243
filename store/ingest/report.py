"""What a load did and found, as JSON and as readable text in Chinese or English."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from config.layers import Layer, Text
from store.criteria import LoadMode
from store.ingest.frame import Frame
from store.ingest.mapping import Plan
from store.ingest.problems import Collector, Problem, Severity, message, remedy
from store.ingest.source import About
from store.interface import LoadReport

_WORDS: Mapping[str, Text] = {
    "published": Text("已加载", "loaded"),
    "refused": Text("未加载：有 {errors} 个错误", "not loaded: {errors} errors"),
    "dry": Text("检查通过（试运行，未写入）", "checks passed (dry run, nothing written)"),
    "file": Text("文件", "File"),
    "layer": Text("图层", "Layer"),
    "rows": Text("行数", "Rows"),
    "crs": Text("坐标系", "CRS"),
    "mapping": Text("字段映射", "Mapping"),
    "result": Text("结果", "Result"),
    "change": Text(
        "新增 {added}，变更 {changed}，终止 {removed}，未变 {unchanged}，版本号 {revision}",
        "{added} added, {changed} changed, {removed} ended, {unchanged} unchanged, revision {revision}",
    ),
    "left_out": Text("略去 {left_out} 个图形类型不符的要素", "{left_out} features of another geometry type left out"),
    "error": Text("错误", "errors"),
    "warning": Text("警告", "warnings"),
    "info": Text("说明", "information"),
    "more": Text("另有 {more} 个", "{more} more"),
    "row": Text("第 {row} 行", "row {row}"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One load: what was read and how, the problems, and what publishing did (None: nothing was published)."""

    file: str
    layer: Layer
    mode: LoadMode
    valid_from: date
    dry_run: bool
    rows: int
    seconds: float
    log: Collector
    about: About | None = None
    frame: Frame | None = None
    plan: Plan | None = None
    left_out: int = 0
    published: LoadReport | None = None

    @property
    def passed(self) -> bool:
        return self.log.errors == 0

    def as_json(self) -> dict[str, Any]:
        """The report as plain data for orjson."""
        about = self.about
        return {
            "file": self.file,
            "layer": self.layer.id,
            "mode": self.mode.value,
            "valid_from": self.valid_from,
            "dry_run": self.dry_run,
            "passed": self.passed,
            "rows": self.rows,
            "left_out": self.left_out,
            "seconds": round(self.seconds, 3),
            "source": about
            and {
                "driver": about.driver,
                "layer": about.layer,
                "encoding": about.encoding,
                "columns": about.columns,
            },
            "crs": self.frame and self.frame.summary(),
            "mapping": self.plan and self.plan.summary(),
            "errors": self.log.errors,
            "warnings": self.log.warnings,
            "problems": [self._kind(code) for code in self._codes()],
            "result": asdict(self.published) if self.published else None,
        }

    def _codes(self) -> list[str]:
        order = list(Severity)
        return sorted(self.log.counts, key=lambda code: (order.index(self.log.severity(code)), code))

    def _kind(self, code: str) -> dict[str, Any]:
        return {
            "code": code,
            "severity": self.log.severity(code).value,
            "count": self.log.counts[code],
            "examples": [self._example(one) for one in self.log.kept[code]],
        }

    def _example(self, one: Problem) -> dict[str, Any]:
        kind = self.log.kinds[one.code]
        return {
            "row": one.row,
            "feature": one.feature,
            "place": one.place,
            "attribute": one.attribute,
            "message": {language: message(kind, one, language) for language in ("zh", "en")},
            "remedy": {language: remedy(kind, one, language) for language in ("zh", "en")},
            "params": dict(one.params),
        }

    def as_text(self, language: str, most: int = 5) -> str:
        """Lines for people; at most `most` examples of each kind."""

        def word(key: str, **values: Any) -> str:
            return _WORDS[key][language].format(**values)

        lines = [f"{word('file')}: {self.file}", f"{word('layer')}: {self.layer.id} {self.layer.title[language]}"]
        lines.append(f"{word('rows')}: {self.rows}")
        if self.frame is not None:
            code = f" ({self.frame.code})" if self.frame.code else ""
            lines.append(f"{word('crs')}: {self.frame.name}{code} [{self.frame.origin}]")
        if self.plan is not None:
            lines.append(f"{word('mapping')}: {', '.join(f'{a} <- {b}' for a, b in self.plan.sources.items())}")
        for code in self._codes():
            lines += self._lines(code, language, most)
        lines.append(f"{word('result')}: {self._verdict(language)}")
        return "\n".join(lines)

    def _verdict(self, language: str) -> str:
        if not self.passed:
            return _WORDS["refused"][language].format(errors=self.log.errors)
        left_out = _WORDS["left_out"][language].format(left_out=self.left_out)
        tail = f"; {left_out}" if self.left_out else ""
        if self.published is None:
            return _WORDS["dry"][language] + tail
        change = _WORDS["change"][language].format(**asdict(self.published))
        return f"{_WORDS['published'][language]}: {change}{tail}"

    def _lines(self, code: str, language: str, most: int) -> list[str]:
        kind, kept, count = self.log.kinds[code], self.log.kept[code], self.log.counts[code]
        severity = _WORDS[self.log.severity(code).value][language]
        lines = [f"- {severity} {code}: {count}"]
        for one in kept[:most]:
            where = [_WORDS["row"][language].format(row=one.row)] if one.row is not None else []
            where += [one.feature] if one.feature else []
            where += [f"({one.place[0]:.6f}, {one.place[1]:.6f})"] if one.place else []
            lines.append("    " + "  ".join([*where, message(kind, one, language)]))
        if count > most:
            lines.append("    " + _WORDS["more"][language].format(more=count - min(most, len(kept))))
        hint = remedy(kind, kept[0], language)
        return [*lines, f"    -> {hint}"] if hint else lines
