"""Measurements: the project's benchmarks (`python -m bench`) and its line laboratory."""
