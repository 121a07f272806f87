"""Lines: what kiosks measured is kept, graded, and obeyed by calls and bookings."""
