"""Tests of the overlay kernels."""
