"""The one log of the hub, on stderr: JSON for machines, else lines for people."""

from __future__ import annotations

import logging
import sys

import structlog
from aiohttp.client_exceptions import ClientPayloadError
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import PayloadAccessError, RequestPayloadError
from structlog.typing import EventDict

NO_FAULT_OF_OURS = (
    HttpProcessingError,
    RequestPayloadError,
    PayloadAccessError,
    ClientPayloadError,
    ConnectionError,
)
"""What bytes that are no HTTP, and peers that leave, raise inside the server."""


def configure_logs(*, as_json: bool) -> None:
    """structlog's events, and what libraries say from WARNING on, as lines of one form."""
    renderer = structlog.processors.JSONRenderer() if as_json else _console()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if as_json else _as_it_is,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[ThroughStructlog()], level=logging.WARNING, force=True)


class ThroughStructlog(logging.Handler):
    """Records of the standard library's loggers: event is the logger's name.

    Strangers can cause these at will, with what they like in them: a message is a quoted value,
    never part of the line itself, and their faults come without a traceback.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Hand it over; a record that cannot be formatted must not end whoever logs."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        error = record.exc_info[1] if record.exc_info else None
        fields: dict[str, object] = {"message": message}
        if isinstance(error, NO_FAULT_OF_OURS):
            fields["error"] = type(error).__name__  # its text repeats what was sent
        elif error is not None:
            fields["exc_info"] = error
        level = logging.WARNING if isinstance(error, NO_FAULT_OF_OURS) else record.levelno
        structlog.get_logger().log(level, record.name, **fields)


def _console() -> structlog.dev.ConsoleRenderer:
    # plain tracebacks: the rich ones print local variables, and with them what people typed
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _as_it_is(_logger: object, _method: str, event: EventDict) -> EventDict:
    return event
