"""The page that the citizen sees, served on loopback."""
