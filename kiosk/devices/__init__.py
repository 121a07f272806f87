"""Cameras, microphones and speakers: real, from files, synthetic."""
