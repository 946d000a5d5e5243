"""The HTTP face: one Starlette application and the command line."""
