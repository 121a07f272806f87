"""The line probes: their sockets and clocks; what they mean is in visiohub/linkquality."""
