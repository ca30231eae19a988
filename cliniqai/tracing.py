"""OpenTelemetry through web, worker and providers, where TRACES_URL is set; elsewhere nothing of it is even loaded.

A span says which kind of request or job it was, how it ended and how long it took. Addresses are told by their pattern:
ids are replaced, queries left out, and no header, word or number is ever attached. An error is told by its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from clinics import spans

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_ID = re.compile(r"/(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d+|[A-Za-z0-9_-]{20,})(?=/|$)")
_KNOWN = re.compile(r"(?:/(?:[a-z][a-z_.-]{0,30}|\{id\}))*/?")


def start(url: str, *, process: str) -> Tracing | None:
    """Trace this process to a collector's OTLP/HTTP address; None, and nothing loaded, without one."""
    if not url:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = Resource({"service.name": "cliniqai", "service.instance.id": process or "command"})
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/v1/traces", timeout=5)))
    return Tracing(provider)


class Tracing:
    """What is wrapped when somebody traces."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider
        self._tracer = provider.get_tracer("cliniqai")
        self._jobs: dict[str, AbstractContextManager[Any]] = {}
        spans.lend(self.span)

    def span(self, name: str) -> AbstractContextManager[Any]:
        """A span whose errors say their type and nothing else."""
        return _Named(self._tracer, name)

    def around(self, application: Wsgi) -> Wsgi:
        """The pages, each request in a span."""

        def traced(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            method, path = environ.get("REQUEST_METHOD", ""), pattern_of(environ.get("PATH_INFO", ""))
            with self.span(f"{method} {path}") as opened:
                opened.set_attribute("http.request.method", method)
                opened.set_attribute("url.template", path)

                def started(status: str, *rest: Any) -> Any:
                    opened.set_attribute("http.response.status_code", int(status[:3]))
                    return start_response(status, *rest)

                return application(environ, started)

        return traced

    def watch_jobs(self, signals: Any) -> None:
        """Celery's jobs, each in a span; they are told by name, since their messages carry no arguments."""
        signals.task_prerun.connect(self._job_begins, weak=False)
        signals.task_postrun.connect(self._job_ends, weak=False)

    def _job_begins(self, task_id: str, task: Any, **_: Any) -> None:
        self._jobs[task_id] = self.span(f"job {task.name}")
        self._jobs[task_id].__enter__()

    def _job_ends(self, task_id: str, **_: Any) -> None:
        if opened := self._jobs.pop(task_id, None):
            opened.__exit__(None, None, None)


class _Named:
    """A current span that an exception passes with its type alone: OpenTelemetry would attach its text."""

    def __init__(self, tracer: Any, name: str) -> None:
        self._inner = tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False)

    def __enter__(self) -> Any:
        self._span = self._inner.__enter__()
        return self._span

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        if kind is not None:
            self._span.set_attribute("error.type", kind.__qualname__)
        self._inner.__exit__(kind, *rest)


def pattern_of(path: str) -> str:
    """An address without what is in it: known words stay, ids become `{id}`, anything else is "other"."""
    pattern = _ID.sub("/{id}", path)
    return pattern if _KNOWN.fullmatch(pattern) else "other"
