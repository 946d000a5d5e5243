"""Tile matrix sets, encoding, cache and styles."""
