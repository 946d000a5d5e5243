"""Problems speak the caller's language: each bad input is answered in Chinese and in English."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.cli.main import main
from tests.server.client import Client
from tests.server.test_bad_input import ITEMS, REFUSED
from tests.sources import ROOT

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ELSEWHERE = [
    ("GET", "/collections/nothing", {}),
    ("GET", "/collections/nothing/items", {}),
    ("GET", "/collections/imagery/items", {}),
    ("GET", f"{ITEMS}/abc", {}),
    ("GET", f"{ITEMS}/a%00b", {}),
    ("GET", f"{ITEMS}/%ff", {}),
    ("GET", f"{ITEMS}?name=%zz", {}),
    ("GET", "/nothing", {}),
    ("GET", "/codelists/nothing", {}),
    ("DELETE", "/collections", {}),
    ("GET", f"{ITEMS}?name={'x' * 20_000}", {}),
    ("GET", ITEMS, {"accept": "image/png"}),
    ("GET", ITEMS, {"authorization": "Bearer wrong"}),
    ("GET", "/collections", {"host": "elsewhere.example"}),
]


def _texts(problem: dict[str, Any]) -> Iterator[str]:
    yield problem["title"]
    yield problem["detail"]
    yield problem.get("remedy", "")
    for fault in problem.get("faults", ()):
        yield fault["what"]
        yield fault.get("remedy", "")


def _says_something(english: str) -> bool:
    """Whether there is a sentence, not only a name, a value or an example."""
    outside = re.sub(r"'[^']*'|\"[^\"]*\"", " ", english)
    return sum(word.strip("(),.;:").isalpha() for word in outside.split()) >= 2


def _check(client: Client, method: str, url: str, headers: dict[str, str]) -> None:
    chinese = client.request(method, url, headers=headers | {"accept-language": "zh-CN,zh;q=0.9"})
    english = client.request(method, url, headers=headers | {"accept-language": "en"})
    assert chinese.status_code == english.status_code >= 400
    for answer, language in ((chinese, "zh"), (english, "en")):
        assert answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]
    pairs = list(zip(_texts(chinese.json()), _texts(english.json()), strict=True))
    for theirs, ours in pairs:
        assert not CHINESE.search(ours), ours
        assert not _says_something(ours) or CHINESE.search(theirs), f"not translated: {ours}"
    assert any(CHINESE.search(theirs) for theirs, _ in pairs[1:])


@pytest.mark.parametrize("query", [query for query, _ in REFUSED if not query.startswith("lang=")])
def test_a_refused_parameter_is_told_in_both_languages(client: Client, query: str) -> None:
    _check(client, "GET", f"{ITEMS}?{query}", {})


@pytest.mark.parametrize(("method", "url", "headers"), ELSEWHERE)
def test_other_refusals_are_told_in_both_languages(
    client: Client, method: str, url: str, headers: dict[str, str]
) -> None:
    _check(client, method, url, headers)


def test_the_language_is_the_one_asked_for_and_english_where_none_is(client: Client) -> None:
    url = f"{ITEMS}?limit=abc"
    assert client.get(url).json()["title"] == "Bad Request"
    assert client.get(f"{url}&lang=zh").json()["title"] == "请求有误"
    assert client.get(f"{url}&lang=en", headers={"accept-language": "zh"}).json()["title"] == "Bad Request"
    assert client.get(url, headers={"accept-language": "fr"}).json()["title"] == "Bad Request"
    assert client.get(f"{ITEMS}?lang=fr", headers={"accept-language": "zh"}).json()["title"] == "请求有误"


def test_a_page_of_a_problem_is_in_the_language_of_the_page(client: Client) -> None:
    url = "/collections/nothing?f=html"
    chinese = client.get(url, headers={"accept": "text/html"})
    assert "没有数据集“nothing”" in chinese.text
    page = client.get(url, headers={"accept-language": "en"})
    assert "No collection &#39;nothing&#39;" in page.text
    assert "Not Found" in page.text


def test_validate_speaks_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "collections", tmp_path / "collections")
    layer = tmp_path / "collections/planning/plan-green-line.yaml"
    layer.write_text(layer.read_text(encoding="utf8").replace("sharing:", "shared:"), encoding="utf8")
    assert main(["validate", str(tmp_path / "collections"), "--lang", "zh"]) == 1
    said = capsys.readouterr().out
    assert "缺少“sharing”" in said
    assert "“shared”不是已知的键（" in said.replace(" (", "（")
    assert "是否指 sharing？" in said


def test_a_wrong_configuration_is_told_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "node.yaml"
    path.write_text("node: {id: Node, division: '13'}\nserver: {port: many}\nstor: {}\n", encoding="utf8")
    assert main(["info", "--config", str(path), "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert "duogui: 节点配置有误" in said
    for part in ("server.port 'many' 不是整数", "只写数字", "缺少 node.title", "stor 不是设置项", "的写法不对"):
        assert part in said, said
