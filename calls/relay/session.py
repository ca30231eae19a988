"""One caller on a socket: what is said becomes a turn, a turn becomes what is said.

The dialogue is the one behind the webhooks, turn numbers and all. What only TwiML can do (connect a person, record,
hang up) ends the session; the network then asks how to go on and gets the document of that very turn. When the socket
dies it asks the same question, and the call goes on by `<Gather>`. A model that is slow costs one sentence and no
silence: "one moment" leaves at once, and the turn that answers is taken without a word of the caller's.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

from calls.conversation import Spoken
from calls.dialogue import waiting
from calls.dialogue.reply import Listen, Reply, Then
from calls.dialogue.types import Heard
from calls.relay import messages
from calls.relay.messages import Interrupt, Key, Malformed, Message, Prompt, Setup
from calls.relay.road import Road
from calls.webhooks import clean

logger = logging.getLogger(__name__)

SETUP_SECONDS = 10.0
KEY_SECONDS = 3.0
"""After the last key, where the number of keys is open."""
SPEAKING_SECONDS = 20.0
"""A caller who has begun to speak is given so long to finish."""
HELD_SECONDS = 0.1
"""After "one moment" the answer is looked for so often. In between a key or a word that changes everything is heard,
and no thread is kept from other callers."""
WORDS_A_SECOND = 2.4
MOST_MALFORMED = 20

Receive = Callable[[], Awaitable[str | bytes | None]]
Send = Callable[[str], Awaitable[None]]


class Gone(Exception):
    """The other side has closed the socket."""


class Session:
    """`receive` gives the text of one message and raises `Gone`; `threads` do what blocks."""

    def __init__(self, road: Road, *, receive: Receive, send: Send, threads: Executor) -> None:
        self._road, self._receive, self._send, self._threads = road, receive, send, threads
        self._spoken: Spoken | None = None
        self._keys = ""
        self._lang = ""
        self._until = time.monotonic() + SETUP_SECONDS
        self._malformed = 0

    async def run(self) -> None:
        """Until the caller has gone or the call goes on elsewhere."""
        setup = await self._next()
        if not isinstance(setup, Setup):
            return
        begun = await self._thread(self._road.begin, account=setup.account, call_sid=setup.call_sid)
        if begun.spoken is None:
            return
        await self._answer(begun.spoken)
        while self._spoken is not None:
            await self._act(await self._next())

    # --- What comes in -----------------------------------------------------------------------------------------------
    async def _next(self) -> Message | None:
        """The next message; None when the caller has been silent for long enough."""
        while self._malformed < MOST_MALFORMED:
            try:
                async with asyncio.timeout(max(0.0, self._until - time.monotonic())):
                    text = await self._receive()
            except TimeoutError:
                return None
            try:
                return messages.read(text)
            except Malformed as fault:
                self._malformed += 1
                logger.warning("relay: a message that is none: %s", fault)
        raise Gone

    async def _act(self, message: Message | None) -> None:
        assert self._spoken is not None
        match message:
            case None if waiting.goes_on(self._spoken.reply) and self._road.thinks():
                self._until = time.monotonic() + HELD_SECONDS
            case None:
                await self._turn(Heard(digits=self._keys))
            case Prompt(words, last=True):
                await self._turn(Heard(words=clean(words), digits=self._keys))
            case Prompt(words):
                self._until = time.monotonic() + SPEAKING_SECONDS
                await self._thread(self._road.overhear, self._spoken.next_turn, clean(words))
            case Key(digit):
                await self._key(digit)
            case Interrupt():
                self._until = max(self._until, time.monotonic() + SPEAKING_SECONDS)

    async def _key(self, digit: str) -> None:
        listen = self._spoken.reply.listen if self._spoken else None
        if digit != "#":
            self._keys += digit
        wanted = (listen or Listen()).digits
        if (digit == "#" and self._keys) or (wanted and len(self._keys) >= wanted):
            await self._turn(Heard(digits=self._keys))
        else:
            self._until = time.monotonic() + KEY_SECONDS

    # --- What goes out -----------------------------------------------------------------------------------------------
    async def _turn(self, heard: Heard) -> None:
        assert self._spoken is not None
        self._keys = ""
        answer = await self._thread(self._road.turn, self._spoken.next_turn, heard)
        if answer.spoken is None:
            await self._end(failed=True)
        else:
            await self._answer(answer.spoken)
        if answer.deeds:
            await self._thread(self._road.do, answer.deeds)

    async def _answer(self, spoken: Spoken) -> None:
        """Say a reply, or end the session where only a document can go on."""
        reply = spoken.reply
        first = self._spoken is None
        if reply.then is not Then.LISTEN or (reply.record and not first):
            await self._end(turn=spoken.next_turn - 1)
            return
        self._spoken = spoken
        if self._lang not in ("", reply.lang):
            await self._tell(messages.language(reply.lang))
        self._lang = reply.lang
        for message in messages.speak(reply):
            await self._tell(message)
        self._until = time.monotonic() + _patience(reply)

    async def _end(self, **handed: object) -> None:
        self._spoken = None
        await self._tell(messages.end(**handed))

    async def _tell(self, message: dict[str, object]) -> None:
        await self._send(json.dumps(message))

    async def _thread(self, act: Callable[..., Any], *args: object, **kwargs: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: act(*args, **kwargs))


def _patience(reply: Reply) -> float:
    """Seconds until a caller who says nothing is answered again, from the beginning of our own words."""
    if waiting.goes_on(reply):
        return HELD_SECONDS
    return len(reply.words.split()) / WORDS_A_SECOND + (reply.listen or Listen()).timeout
