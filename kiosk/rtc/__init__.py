"""Media on aiortc's transport."""
