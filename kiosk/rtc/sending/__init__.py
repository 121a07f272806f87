"""How fast to send, what first, and what to leave out: pure machines, wired by kiosk.rtc.

Time is any monotonic clock's seconds, passed in as `now`; rates are bit/s of packets as the line
carries them (`framing.py`), unless a name says otherwise.
"""
