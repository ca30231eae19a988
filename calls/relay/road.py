"""The road as a socket walks it: the same functions as behind the webhooks, in a thread, inside one clinic."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, connections

from calls import conversation, rescue
from calls.conversation import Spoken
from calls.dialogue.types import Heard
from calls.models import Call
from calls.reasoning import asking
from clinics.afterwards import Deed, do_them, put_off
from clinics.models import Clinic
from clinics.telephone import account_for
from clinics.tenancy import inside

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said next, and the small deeds that wait until it has been sent."""

    spoken: Spoken | None
    deeds: Sequence[Deed] = ()


@dataclass(frozen=True, slots=True)
class Road:
    """One call of one clinic. Every method blocks: it is for a thread."""

    clinic: Clinic
    call_id: UUID

    def begin(self, *, account: str, call_sid: str) -> Answer:
        """What was said last, if the session is about this call; None when it is not."""

        def look() -> Spoken | None:
            ours = account == account_for(self.clinic).sid
            if not (ours and Call.objects.running().filter(pk=self.call_id, sid=call_sid).exists()):
                return None
            return conversation.said_last(call_id=self.call_id)

        return self._inside(look)

    def turn(self, n: int, heard: Heard) -> Answer:
        """Take a turn; None when it failed, and then an emergency in the words has been raised."""

        def take() -> Spoken | None:
            try:
                return conversation.take_turn(call_id=self.call_id, n=n, heard=heard)
            except Exception as fault:
                logger.error("turn failed: %s", type(fault).__name__)
                rescue.after_failure(self.call_id, heard, path="")
                return None

        return self._inside(take)

    def overhear(self, n: int, words: str) -> None:
        """Look for danger in half a sentence."""
        self._inside(lambda: conversation.overhear(call_id=self.call_id, n=n, words=words))

    def thinks(self) -> bool:
        """Whether a model's answer is still on its way; the one thing here that blocks nobody."""
        return asking.is_on_its_way(self.clinic.schema_name, self.call_id)

    def do(self, deeds: Sequence[Deed]) -> None:
        """What waited until the caller had the answer."""
        with inside(self.clinic):
            do_them(deeds)
        connections.close_all()

    def _inside(self, act: Callable[[], Spoken | bool | None]) -> Answer:
        try:
            with inside(self.clinic), put_off() as deeds:
                done = act()
            return Answer(done if isinstance(done, Spoken) else None, deeds)
        finally:
            connection.set_schema_to_public()
            connections.close_all()  # back into the pool: a caller thinks for longer than we do
