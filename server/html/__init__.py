"""HTML pages: the documents that the API answers, shown for people, through pygeoapi's templates and ours."""

from server.html.pages import PAGES, render
from server.html.view import View

__all__ = ["CONTENT_SECURITY_POLICY", "PAGES", "View", "render"]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""What a page may load: only what this server sends, and no inline script or style."""
