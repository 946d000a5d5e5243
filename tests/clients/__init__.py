"""Other people's clients against the running demo province."""
