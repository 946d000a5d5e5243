"""Mapbox Vector Tiles 2.1 from arrays: quantised shapes, command streams, messages."""
