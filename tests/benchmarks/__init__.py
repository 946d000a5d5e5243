"""Benchmarks: ratios against something else in the same run, never a timed unit test.

Each module runs by `python -m`.
"""
