"""What is known of the venues' access lines: probes, estimates, grades, budgets.

Shared by the hub and the kiosk: the pure modules here need the extra of neither.
"""
