"""Anthropic's and OpenAI's APIs of models on loopback, as much of them as is asked, with good days and bad ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.far_ends.days import Asked, FarEnd

KEY = "a-key-of-a-stub"
JSON = "application/json"
UNCLEAR = {"intent": "unclear", "confidence": 0.0, "danger": "none", "topic": "", "slots": []}


def report(**told: Any) -> str:
    """A model's report as JSON: unclear, but for what is told."""
    return json.dumps(UNCLEAR | told)


@dataclass
class Model(FarEnd):
    """What both have in common: `says` is the text of the answer, `calls` the tool that it calls instead."""

    says: str = field(default_factory=report)
    calls: str = ""
    stops: str = ""

    def questions(self) -> list[dict[str, Any]]:
        """What it was asked, as our side put it."""
        return [json.loads(json.loads(one.body)["messages"][-1]["content"]) for one in self.asked]

    def refusal(self, status: int) -> tuple[str, bytes]:
        kind = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}
        told = {"type": kind.get(status, "api_error"), "message": "as the service words it"}
        return JSON, json.dumps({"type": "error", "error": told}).encode()


@dataclass
class Anthropic(Model):
    """api.anthropic.com: POST /v1/messages with structured output."""

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        if asked.method != "POST" or urlsplit(asked.path).path != "/v1/messages":
            return 404, *self.refusal(404)
        shown = asked.headers.get("authorization", "").removeprefix("Bearer ") or asked.headers.get("x-api-key")
        if shown != KEY or not asked.headers.get("anthropic-version"):
            return 401, *self.refusal(401)
        told = json.loads(asked.body)
        shape = told.get("output_config", {}).get("format", {})
        if not told.get("max_tokens") or not told.get("model") or shape.get("type") != "json_schema":
            return 400, *self.refusal(400)
        content = [{"type": "text", "text": self.says}]
        if self.calls:
            content = [{"type": "tool_use", "id": "toolu_1", "name": self.calls, "input": {"patient": "all"}}]
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": told["model"],
            "content": content,
            "stop_reason": self.stops or ("tool_use" if self.calls else "end_turn"),
            "stop_sequence": None,
            "usage": {"input_tokens": 900, "output_tokens": 60},
        }
        return 200, JSON, json.dumps(message).encode()


@dataclass
class OpenAI(Model):
    """api.openai.com and whatever is compatible with it: POST /v1/chat/completions with structured output."""

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        if asked.method != "POST" or urlsplit(asked.path).path != "/v1/chat/completions":
            return 404, *self.refusal(404)
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return 401, *self.refusal(401)
        told = json.loads(asked.body)
        shape = told.get("response_format", {})
        if shape.get("type") != "json_schema" or not shape["json_schema"]["strict"] or not told.get("model"):
            return 400, *self.refusal(400)
        message: dict[str, Any] = {"role": "assistant", "content": self.says, "refusal": None}
        if self.calls:
            called = {"id": "call_1", "type": "function", "function": {"name": self.calls, "arguments": "{}"}}
            message |= {"content": None, "tool_calls": [called]}
        done = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1795852800,
            "model": told["model"],
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "finish_reason": self.stops or ("tool_calls" if self.calls else "stop"),
                    "logprobs": None,
                }
            ],
            "usage": {"prompt_tokens": 900, "completion_tokens": 60, "total_tokens": 960},
        }
        return 200, JSON, json.dumps(done).encode()
