"""Errors to a Sentry-like server, where ERRORS_DSN is set: types and places, never a value.

What the SDK collects is not cleaned, it is thrown away: an event is built anew from the few fields that hold names of
our own code. Integrations that look into requests, jobs, statements or local variables are not even loaded.
"""

from __future__ import annotations

from typing import Any

KEPT = ("event_id", "timestamp", "level", "platform", "logger", "release")
FRAME = ("filename", "module", "function", "lineno", "in_app")


def start(dsn: str, *, process: str, release: str) -> None:
    """Report this process's errors; without an address nothing is loaded."""
    if not dsn:
        return
    import logging

    import sentry_sdk
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        server_name=process or "command",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[ExcepthookIntegration(), LoggingIntegration(level=None, event_level=logging.ERROR)],
        before_send=bare,
        before_breadcrumb=lambda crumb, hint: None,
        max_breadcrumbs=0,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        attach_stacktrace=False,
        auto_session_tracking=False,
        send_client_reports=False,
        traces_sample_rate=None,
        shutdown_timeout=2,
    )


def bare(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """An event of which only names of our code are left."""
    kept = {name: event[name] for name in KEPT if name in event}
    if values := event.get("exception", {}).get("values"):
        kept["exception"] = {"values": [_exception(one) for one in values]}
    return kept


def _exception(one: dict[str, Any]) -> dict[str, Any]:
    frames = one.get("stacktrace", {}).get("frames", [])
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "stacktrace": {"frames": [{name: frame[name] for name in FRAME if name in frame} for frame in frames]},
    }
