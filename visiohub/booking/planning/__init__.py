"""What staff see of venues by day and by week, and what they do there."""
