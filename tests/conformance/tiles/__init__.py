"""OGC API Tiles Part 1 and TMS 2.0."""
