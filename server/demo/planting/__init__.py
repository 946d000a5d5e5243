"""One module per group of planted situations; each writes its truth."""
