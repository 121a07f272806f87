"""The words of the territory and their rules: pure."""
