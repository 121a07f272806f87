"""Receiving sound: from packets that come when they like to samples that never stop.

`player.py` is the whole: packets in, an unbroken stream of samples out. It asks `buffer.py` what
comes next, which asks `delay_estimate.py` how long to wait. `opus.py` alone is not pure.
"""
