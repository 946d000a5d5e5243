"""How a node runs: typed settings, and the definitions that lie in `collections/`."""
