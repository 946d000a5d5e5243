"""CQL2, over HTTP."""
