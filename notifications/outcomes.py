"""What one POST to the telephone network means for its delivery. Pure.

The rule behind the table: whatever may have been accepted is never sent again without asking. Only what is known to
have never been processed (no connection, 429) or refused is clear; every other end is unknown.
"""

from __future__ import annotations

from notifications.policy import Outcome, Result

OPTED_OUT = "21610"
# Codes of requests that were refused because something was full or busy, so that the same request may pass later.
REFUSED_FOR_NOW = frozenset({"20429", "21611", "30001", "30022"})
LONGEST_RETRY_AFTER = 3600.0


def of_answer(status: int, *, sid: str = "", code: str = "", retry_after: str = "") -> Outcome:
    """The outcome of an answered POST. `sid` is the message's or call's id, `code` the network's own error code."""
    told = f"twilio_{code}" if code else f"http_{status}"
    if status in (200, 201, 204) and sid:
        return Outcome(Result.SENT, provider_id=sid, http_status=status)
    if status == 429 or (code in REFUSED_FOR_NOW and 400 <= status < 500):
        return Outcome(Result.RETRY, told, wait_seconds=_seconds(retry_after), http_status=status)
    if code == OPTED_OUT and 400 <= status < 500:
        return Outcome(Result.CANCELLED, told, http_status=status)
    if 400 <= status < 500 and status != 408:
        return Outcome(Result.REFUSED, told, http_status=status)
    return Outcome(Result.UNKNOWN, told, http_status=status)


def _seconds(retry_after: str) -> float:
    """Retry-After as seconds; 0 for none and for the form with a date, where the backoff is enough."""
    try:
        return min(max(float(retry_after), 0.0), LONGEST_RETRY_AFTER)
    except ValueError:
        return 0.0
