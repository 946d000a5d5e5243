"""Common Part 3 (23-058r2): schema, queryables and sortables of a layer; Features Part 5's older names beside it."""

from server.schemas.resources import BLOCK, PROFILES, stored_layer

__all__ = ["BLOCK", "PROFILES", "stored_layer"]
