"""Filters over HTTP: what a filter may cost, at every door through which one comes in."""
