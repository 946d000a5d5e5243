"""Common Part 1."""
