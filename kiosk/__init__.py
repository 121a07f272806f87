"""The agent on the venue PC: devices, media, the citizen's screen."""
