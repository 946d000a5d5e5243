"""Processes Part 1."""
