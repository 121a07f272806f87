"""Pages, one module a user's task."""
