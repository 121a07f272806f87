"""What is kept of people: how long, shown whole to them, erased when they ask."""
