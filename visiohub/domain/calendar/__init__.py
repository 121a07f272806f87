"""The calendar's rules: when something is open, when it may be booked, and by whom.

Rules are in the venue's local time, instants are aware UTC datetimes (`hours`). Nothing here
reads a clock: `now` comes in. Which module answers what is in docs/decisions/0015.
"""
