"""The end of a call: limits, goodbyes, and what is written for a caller who left before all was said."""

from __future__ import annotations

from datetime import datetime, timedelta

from calls.dialogue.reply import WriteTask
from calls.dialogue.scene import Scene
from calls.dialogue.state import Request, State, Step
from calls.dialogue.types import Intent

ALARMS = frozenset({"emergency", "crisis", "urgent"})


def limits(scene: Scene) -> bool:
    """Stop a call that takes too long or gets nowhere: a person, and if there is none, a kept message."""
    reason = _limit_reached(scene)
    if not reason:
        return False
    again = reason in scene.before.escalated
    scene.escalate(reason, "attention", "Call too long" if reason == "too_long" else "The call got nowhere")
    if scene.person_available and not again:
        scene.say("sorry.too_long" if reason == "too_long" else "sorry.person")
        scene.say("person.connecting")
        scene.dial()
    else:
        goodbye(scene)
    return True


def _limit_reached(scene: Scene) -> str:
    state, house = scene.state, scene.house
    if is_last_turn(scene):
        return "too_long"
    if state.step is Step.DANGER:
        return ""
    elapsed = scene.now - datetime.fromisoformat(state.started_at)
    if elapsed > timedelta(seconds=house.limits.max_call_seconds):
        return "too_long"
    return "no_progress" if state.idle >= house.limits.no_progress_turns else ""


def is_last_turn(scene: Scene) -> bool:
    """Whether the call has used up its turns: whatever is said now, it ends."""
    return scene.state.n + 1 >= scene.house.limits.max_turns


def goodbye(scene: Scene, *, outcome: str = "", sentence: str = "bye") -> None:
    """Write what is unfinished, say so, say goodbye and hang up."""
    unfinished = requests_left(scene.state)
    for request in unfinished:
        scene.write_task(request, complete=False)
    if unfinished and outcome != "handed_over":
        scene.say("done.kept")
    scene.say(sentence)
    scene.move(request=None, queue=())
    scene.hang_up(outcome or outcome_of(scene.state, kept=bool(unfinished)))


def silent_goodbye(scene: Scene) -> None:
    """Hang up on silence; a caller whose number is known is called back."""
    for task in left(scene.state):
        scene.tasks.append(task)
    scene.say("bye.silence")
    kept = bool(requests_left(scene.state))
    scene.move(request=None, queue=())
    scene.hang_up(outcome_of(scene.state, kept=kept, left_early=True))


def requests_left(state: State) -> tuple[Request, ...]:
    """The requests that were begun and have not become complete tasks."""
    return (*filter(None, [state.request]), *state.queue)


def left(state: State) -> tuple[WriteTask, ...]:
    """What must be written for a caller who is gone: begun requests, or a callback when nothing came of the call."""
    if state.step is Step.ENDED:
        return ()
    unfinished = requests_left(state)
    if unfinished:
        return tuple(WriteTask(request, complete=False, fallback_number=state.caller) for request in unfinished)
    if not state.caller or state.requests_done or state.told or ALARMS & set(state.escalated):
        return ()
    callback = Request(Intent.CALLBACK, number=state.numbered + 1)
    return (WriteTask(callback, complete=False, fallback_number=state.caller),)


def missed(state: State) -> bool:
    """Whether the caller left before anything came of the call: nothing begun, nothing told, nobody alarmed."""
    return (
        state.step is not Step.ENDED
        and not (requests_left(state) or state.requests_done or state.told)
        and not (ALARMS & set(state.escalated))
    )


def outcome_of(state: State, *, kept: bool = False, left_early: bool = False) -> str:
    """How the call ended, in the words of `Call.outcome`."""
    if ALARMS & set(state.escalated):
        return "escalated"
    if state.requests_done:
        return "task"
    if kept:
        return "abandoned"
    if state.told:
        return "answered"
    if left_early:
        return "abandoned"
    return "escalated" if state.escalated else "nothing"
