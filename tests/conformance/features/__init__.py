"""OGC API Features Parts 1 (17-069r4), 2 (18-058r1), 6 (24-019) and 8 (24-030)."""
