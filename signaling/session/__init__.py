"""Pure state machines: time comes in as `now`, effects come out."""
