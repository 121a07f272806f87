"""The real-time exchange: presence, calls, offers and answers, TURN credentials."""
