"""OGC API Tiles over HTTP."""
