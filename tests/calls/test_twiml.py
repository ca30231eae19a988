"""The documents are what Twilio's own library would write, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial, Gather, Start, VoiceResponse

from calls.dialogue.first import MOST_SECONDS
from calls.dialogue.reply import Listen, Reply, Sentence, Then
from calls.twiml import LONGEST_SAY, RINGING_SECONDS, VOICES, Links, render

MARKUP = "Ana & \"Bo\" <b>'ñ'</b>\t\r\n¿sí?"
LINKS = Links(
    turn='/calls/voice/1/turn/2/?a=1&b="2"',
    recording="/calls/voice/recording/?<x>",
    partial='https://north.example.org/calls/voice/1/turn/2/partial/?"&',
    handover='https://north.example.org/calls/voice/1/handover/1/?"&',
    room="1-1<>",
)

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80) | st.just(MARKUP)
sentences = st.lists(st.builds(Sentence, st.just("key"), words, st.sampled_from(["en", "es"])), max_size=5).map(tuple)
listening = st.builds(
    Listen, st.integers(0, 12), st.integers(1, 20), st.lists(words, max_size=3).map(tuple), st.booleans()
)
numbers = st.sampled_from(["+12025550199", MARKUP])
replies = st.builds(
    Reply, sentences, st.sampled_from(Then), st.sampled_from(["en", "es"]), listening, numbers, st.booleans()
)


@given(replies)
def test_a_document_is_the_one_of_the_library(reply: Reply) -> None:
    assert render(reply, LINKS) == _by_the_library(reply, LINKS)


@pytest.mark.parametrize("length", [LONGEST_SAY - 1, LONGEST_SAY, LONGEST_SAY + 1, 2 * LONGEST_SAY])
def test_speech_that_is_too_long_for_a_voice_is_cut(length: int) -> None:
    said = tuple(Sentence("key", "a" * length, "en") for _ in range(3))
    reply = Reply(said, Then.HANG_UP, "en")

    document = render(reply, LINKS)

    assert document == _by_the_library(reply, LINKS)
    assert document.count("<Say") == 3


def test_no_recording_is_asked_for_without_a_place_to_tell_of_it() -> None:
    reply = Reply((), Then.HANG_UP, "en", record=True)

    assert "Recording" in render(reply, LINKS)
    assert "Recording" not in render(reply, Links(turn="/turn/"))


def _by_the_library(reply: Reply, links: Links) -> str:
    response = VoiceResponse()
    if reply.record:
        start = Start()
        start.recording(recording_status_callback=links.recording, recording_status_callback_method="POST")
        response.append(start)
    if reply.then is Then.LISTEN:
        response.append(_say(_gather(reply, links), reply))
        response.redirect(links.turn, method="POST")
    else:
        _say(response, reply)
    if reply.then is Then.DIAL:
        dial = Dial(action=links.turn, method="POST", timeout=RINGING_SECONDS, answer_on_bridge=True)
        dial.number(reply.dial)
        response.append(dial)
    if reply.then is Then.RECORD:
        response.record(
            action=links.turn, method="POST", timeout=6, finish_on_key="#", max_length=MOST_SECONDS, play_beep=True,
            recording_status_callback=links.recording, recording_status_callback_method="POST",
        )  # fmt: skip
        response.redirect(links.turn, method="POST")
    if reply.then is Then.HAND_OVER:
        response.append(_conference(links))
    if reply.then is Then.HANG_UP:
        response.hangup()
    return str(response)


def _conference(links: Links) -> Dial:
    dial = Dial(action=f"{links.handover}after/", method="POST")
    dial.conference(
        links.room,
        beep="false",
        start_conference_on_enter=False,
        end_conference_on_exit=True,
        wait_url=f"{links.handover}wait/",
        wait_method="POST",
        status_callback=f"{links.handover}events/",
        status_callback_event="start end join leave",
        status_callback_method="POST",
    )
    return dial


def _gather(reply: Reply, links: Links) -> Gather:
    return Gather(
        input="dtmf speech",
        action=links.turn,
        method="POST",
        language=VOICES[reply.lang][1],
        timeout=reply.listen.timeout,
        speech_timeout="auto",
        finish_on_key="#",
        profanity_filter=False,
        action_on_empty_result=True,
        **({"num_digits": reply.listen.digits} if reply.listen.digits else {}),
        **(
            {"partial_result_callback": links.partial, "partial_result_callback_method": "POST"}
            if reply.listen.live
            else {}
        ),
        **({"hints": ", ".join(reply.listen.hints)} if reply.listen.hints else {}),
    )


def _say(verb: VoiceResponse | Gather, reply: Reply) -> VoiceResponse | Gather:
    """Runs of one language as one <Say>, as long as a voice takes."""
    runs: list[tuple[str, str]] = []
    for one in reply.say:
        text = one.text[:LONGEST_SAY]
        lang, before = runs[-1] if runs else ("", "")
        if lang == one.lang and (not before or len(before) + len(text) < LONGEST_SAY):
            runs[-1] = lang, f"{before} {text}".strip()
        else:
            runs.append((one.lang, text.strip()))
    for lang, text in runs:
        if text:
            voice, tag = VOICES[lang]
            verb.say(text, voice=voice, language=tag)
    return verb
