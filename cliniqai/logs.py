"""How log lines look: a fault by its type and place, never by its message, which may quote a patient's row."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from cliniqai.references import current


class TypesAndPlaces(logging.Formatter):
    """A traceback without the messages of its exceptions: PostgreSQL's say `Failing row contains (...)`.

    `%(reference)s` is that of the request in which the line is written.
    """

    def format(self, record: logging.LogRecord) -> str:
        record.reference = current()
        return super().format(record)

    def formatException(self, ei: Any) -> str:
        return "\n".join(_told(traceback.TracebackException.from_exception(ei[1]), ei[1])).rstrip()


def _told(fault: traceback.TracebackException, error: BaseException) -> list[str]:
    """The causes first, as Python writes them."""
    before: list[str] = []
    if fault.__cause__ is not None and error.__cause__ is not None:
        before = [*_told(fault.__cause__, error.__cause__), "caused:"]
    elif fault.__context__ is not None and error.__context__ is not None and not fault.__suppress_context__:
        before = [*_told(fault.__context__, error.__context__), "while this was handled:"]
    code = getattr(error, "sqlstate", None)
    name = f"{type(error).__module__}.{type(error).__qualname__}" + (f" (SQLSTATE {code})" if code else "")
    return [*before, "".join(fault.stack.format()).rstrip(), name]
