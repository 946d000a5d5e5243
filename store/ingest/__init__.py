"""Files into the store: read, recognised, checked, reported, and loaded whole or not at all."""
