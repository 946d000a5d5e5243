"""Layers out of the store into files, streamed, complete under their final name or not there at all."""
