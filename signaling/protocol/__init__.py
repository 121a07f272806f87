"""The wire: one model a message, their codec and limits. PROTOCOL.md is the norm."""
