"""An emulated access line in user space, over TUN devices between network namespaces.

`profile.py` says what a line is like, `link.py` (pure) what becomes of each packet, `runner.py`
moves real packets through it, `namespaces.py` makes the hosts at both ends, `control.py` cuts,
restores and changes a running line. `python -m bench.linelab --help` runs one by hand.
"""
