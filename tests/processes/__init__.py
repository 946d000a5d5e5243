"""Tests of the processes room."""
