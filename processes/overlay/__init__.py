"""Overlay kernels: pure functions over arrays of polygons. They know no HTTP, no pygeoapi and no database."""
