"""The files that pages load: there, cacheable, and nothing outside their folder."""

import re

from server.html.assets import FOLDER, assets, digest
from tests.server.client import Client


def test_files_are_answered_for_ever_under_their_digest(client: Client) -> None:
    for name in assets():
        answer = client.get(f"/static/{name}", params={"v": digest()})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert client.get(f"/static/{name}", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert "max-age=3600" in client.get("/static/duogui.css").headers["cache-control"]


def test_nothing_else_is_answered(client: Client) -> None:
    for path in ("none.css", "../view.py", "..%2Fview.py", "leaflet", "/etc/passwd", "duogui.css/x"):
        assert client.get(f"/static/{path}").status_code == 404, path


def test_pages_carry_the_policy_and_documents_do_not(client: Client) -> None:
    page = client.get("/", headers={"accept": "text/html"})
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "content-security-policy" not in client.get("/").headers


def test_every_file_that_a_page_names_is_there(client: Client) -> None:
    for path in ("/", "/collections", "/collections/parcels", "/collections/parcels/items", "/nothing"):
        page = client.get(path, headers={"accept": "text/html"}).text
        for name in re.findall(r'/static/([^"?]+)', page):
            assert (FOLDER / name).is_file(), name
