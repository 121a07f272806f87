"""What the kiosk says to stderr, and with it to the journal: nothing about citizens."""

from __future__ import annotations

import logging
import os

import structlog


def configure_logs() -> None:
    """Lines for people, from INFO on."""
    # of its own: while PortAudio begins anew, sounddevice leads what goes to file 2 nowhere
    out = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace", closefd=False)
    logging.basicConfig(stream=out, level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # plain tracebacks: the rich ones print local variables, and with them typed codes
            structlog.dev.ConsoleRenderer(
                colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(out),
    )
