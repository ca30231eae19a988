"""One request to a model, in the protocol of its provider, by the provider's own library.

Both libraries speak through httpx2, and out of the house only through the door of `clinics.providers`. They retry
nothing, follow no redirect and read no variable of the environment; an answer is bounded in bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import httpx2
from anthropic import Anthropic
from openai import OpenAI

from calls.reasoning.prompts import Prompt
from calls.reasoning.proposals import LONGEST, Refused
from clinics.providers import door
from clinics.providers.gate import Outside
from clinics.providers.models import Protocol

MOST_BYTES = 4 * LONGEST
MOST_TOKENS = 700
NAME = "report"


def ask(provider: Outside, prompt: Prompt, question: Mapping[str, Any]) -> str:
    """Return the model's report as JSON text. Raise `Refused` for another kind of answer, and what the library raises.

    Only inside `door.through`. The question travels as JSON, so that nothing in it can pass for an instruction's end.
    """
    return ADAPTERS[provider.protocol](provider, prompt, json.dumps(question, ensure_ascii=False))


def _anthropic(provider: Outside, prompt: Prompt, question: str) -> str:
    answer = _anthropic_client(provider).messages.create(
        model=provider.model,
        max_tokens=MOST_TOKENS,
        system=prompt.text,
        messages=[{"role": "user", "content": question}],
        output_config={"format": {"type": "json_schema", "schema": dict(prompt.schema)}},
    )
    kinds = [block.type for block in answer.content]
    if kinds != ["text"] or answer.stop_reason != "end_turn":
        raise Refused("wrong_tool" if "tool_use" in kinds else "no_report")
    return answer.content[0].text


def _openai(provider: Outside, prompt: Prompt, question: str) -> str:
    answer = _openai_client(provider).chat.completions.create(
        model=provider.model,
        max_completion_tokens=MOST_TOKENS,
        messages=[{"role": "system", "content": prompt.text}, {"role": "user", "content": question}],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": NAME, "strict": True, "schema": dict(prompt.schema)},
        },
    )
    if not answer.choices or answer.choices[0].finish_reason != "stop":
        called = bool(answer.choices) and answer.choices[0].message.tool_calls
        raise Refused("wrong_tool" if called else "no_report")
    message = answer.choices[0].message
    if message.tool_calls or message.refusal or not message.content:
        raise Refused("wrong_tool" if message.tool_calls else "no_report")
    return message.content


ADAPTERS: Mapping[str, Callable[[Outside, Prompt, str], str]] = {
    Protocol.ANTHROPIC: _anthropic,
    Protocol.OPENAI: _openai,
}


@lru_cache(maxsize=8)
def _anthropic_client(provider: Outside) -> Anthropic:
    return Anthropic(
        api_key=provider.credential,
        base_url=provider.base_url,
        max_retries=0,
        timeout=_limit(provider),
        http_client=_client(provider),
        open_telemetry=False,
    )


@lru_cache(maxsize=8)
def _openai_client(provider: Outside) -> OpenAI:
    return OpenAI(
        api_key=provider.credential,
        base_url=f"{provider.base_url}/v1",
        max_retries=0,
        timeout=_limit(provider),
        http_client=_client(provider),
    )


def _client(provider: Outside) -> httpx2.Client:
    return httpx2.Client(transport=_Door(provider), timeout=_limit(provider), follow_redirects=False, trust_env=False)


def _limit(provider: Outside) -> httpx2.Timeout:
    return httpx2.Timeout(provider.answer_seconds, connect=provider.connect_seconds)


class _Door(httpx2.BaseTransport):
    """Lets a request out only on an open passage to its own provider, and stops an answer that is too long."""

    def __init__(self, provider: Outside) -> None:
        self.provider = provider
        self.inner = httpx2.HTTPTransport(retries=0, trust_env=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        door.check(self.provider, str(request.url))
        answer = self.inner.handle_request(request)
        answer.stream = _Bounded(answer.stream)
        return answer

    def close(self) -> None:
        self.inner.close()


class _Bounded(httpx2.SyncByteStream):
    """The bytes of an answer as they come, up to MOST_BYTES."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __iter__(self) -> Iterator[bytes]:
        length = 0
        for piece in self.inner:
            length += len(piece)
            if length > MOST_BYTES:
                raise httpx2.RemoteProtocolError("The answer did not end in its bounds.")
            yield piece

    def close(self) -> None:
        self.inner.close()
