"""Counts over the whole call that end in a person: what was not understood, heard badly, or corrected too often."""

from __future__ import annotations

from calls.dialogue import people
from calls.dialogue.reply import Then
from calls.dialogue.scene import Scene
from calls.dialogue.state import Step

UNSTABLE = "model_unstable"


def watch(scene: Scene) -> None:
    """Give a call to a person whose understanding has failed too often, in a row or not. Each reason counts once."""
    waits = scene.state.step in (Step.ROUTE, Step.ASK, Step.CONFIRM, Step.MORE)
    if not waits or scene.then is not Then.LISTEN or scene.escalations or scene.tasks:
        return
    reason, summary = _too_often(scene)
    if not reason or reason in scene.state.escalated:
        return
    scene.escalate(reason, "attention", summary)
    scene.said = [one for one in scene.said if not one.key.startswith(("sorry.", "confirm."))]
    scene.say("sorry.person")
    people.connect_or_message(scene)


def _too_often(scene: Scene) -> tuple[str, str]:
    """The reason and the summary of the first count that has reached the clinic's limit; empty when none has."""
    before, limits = scene.before, scene.house.limits
    counts = (
        (scene.misunderstood, before.misunderstood, limits.misunderstood_in_call, "not_understood", "not understood"),
        (scene.doubted, before.doubted, limits.doubted_in_call, UNSTABLE, "heard badly"),
        (scene.corrected, before.corrected, limits.corrections_in_call, UNSTABLE, "corrected by the caller"),
    )
    for now, earlier, limit, reason, what in counts:
        if now and earlier + 1 >= limit:
            return reason, f"{earlier + 1} times {what} in this call"
    return "", ""
