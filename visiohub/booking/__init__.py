"""The use cases: one function a command, and the ports they speak through."""
