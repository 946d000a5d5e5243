"""The second node configuration with Cambridge's real layers."""
