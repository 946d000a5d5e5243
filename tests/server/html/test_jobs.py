"""The pages of a job and of its results."""

import pytest

from server.html import jobs, render
from tests.server.html.examples import documents, page_view


def test_times_of_a_job_are_the_nodes() -> None:
    body = render("job", documents()["job"], page_view("job")).decode()
    assert "2026-01-02 11:04:05" in body
    assert 'http-equiv="refresh"' in body


def test_a_job_that_has_ended_leads_to_its_results() -> None:
    job = documents()["job"]
    assert "/results" not in render("job", job, page_view("job")).decode()
    body = render("job", job | {"status": "successful"}, page_view("job", "en", query=(("lang", "en"),))).decode()
    assert f"/jobs/{job['jobID']}/results?f=html&amp;lang=en" in body
    assert 'http-equiv="refresh"' not in body


@pytest.mark.parametrize(("language", "words"), [("zh", "一处重叠"), ("en", "one overlap")])
def test_a_collection_among_the_results_is_a_sentence_a_map_and_a_table(language: str, words: str) -> None:
    body = render("results", documents()["results"], page_view("results", language)).decode()
    assert f'<p class="lead">{words}</p>' in body
    assert 'data-map="found-1-data"' in body
    assert '<tr data-id="a~b">' in body
    assert "1,234.57" in body
    assert "+ 12" in body


def test_numbers_of_results_come_before_the_other_values() -> None:
    (found,) = jobs.results(documents()["results"], page_view("results"))["found"]
    assert found["names"] == ["area_m2", "left_id", "suspected"]
    assert found["numbers"] == ["area_m2"]
    assert [cell["text"] for cell in found["rows"][0]["cells"]] == ["1,234.57", "a", "是"]


def test_other_results_are_shown_as_they_are() -> None:
    document = {"job": {"id": "1"}, "result": {"pieces": 3}, "links": []}
    body = render("results", document, page_view("results")).decode()
    assert "pieces" in body
    assert "data-map" not in body
