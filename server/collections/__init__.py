"""The collections: Common Part 2, and Part 4 to find some among many (25-046 rc2)."""

from server.collections.resources import BLOCK

__all__ = ["BLOCK"]
