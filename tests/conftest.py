"""Puts this folder on the path of all tests: what several parts use lies beside it."""
