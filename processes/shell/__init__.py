"""pygeoapi around our processes: the only place in this room that knows it."""
