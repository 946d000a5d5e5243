"""Whole collections as files, made once for each state of a collection and kept."""

from server.downloads.resources import BLOCK, enclosures

__all__ = ["BLOCK", "enclosures"]
