"""Receiving video: which packets to ask for again, and when to ask for a whole picture."""
