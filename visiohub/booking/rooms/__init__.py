"""Rooms booked by professionals and organisations: one use case a function."""
