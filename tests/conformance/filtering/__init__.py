"""Features Part 3: filtering, over HTTP."""
