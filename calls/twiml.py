"""A reply as TwiML. Pure: the same reply always gives the same document."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from twilio.twiml.voice_response import Dial, Gather, Start, VoiceResponse

from calls.dialogue.reply import Reply, Sentence, Then

VOICES = {"en": ("Polly.Joanna-Neural", "en-US"), "es": ("Polly.Lupe-Neural", "es-US")}
"""Per language the voice that speaks and the BCP-47 tag that Twilio listens and speaks with."""

LONGEST_SAY = 2900
"""Characters in one <Say>: a Polly voice takes 3,000 (Twilio error 13521)."""

RINGING_SECONDS = 25
"""How long the clinic's line rings before the caller is told that nobody answers."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where Twilio goes next, as paths on the clinic's host: the next turn's URL, and the recording's callback."""

    turn: str
    recording: str = ""


def render(reply: Reply, links: Links) -> str:
    """The document for a reply. Every path of it ends in a verb that speaks, listens, connects or hangs up."""
    response = VoiceResponse()
    if reply.record and links.recording:
        start = Start()
        start.recording(recording_status_callback=links.recording, recording_status_callback_method="POST")
        response.append(start)
    match reply.then:
        case Then.LISTEN:
            response.append(_gather(reply, links))
            # Twilio goes on here when it heard nothing and did not ask for the action: the turn is the same, silent.
            response.redirect(links.turn, method="POST")
        case Then.DIAL:
            _say(response, reply.say)
            dial = Dial(action=links.turn, method="POST", timeout=RINGING_SECONDS, answer_on_bridge=True)
            dial.number(reply.dial)
            response.append(dial)
        case Then.HANG_UP:
            _say(response, reply.say)
            response.hangup()
    return str(response)


def _gather(reply: Reply, links: Links) -> Gather:
    assert reply.listen is not None
    _, tag = VOICES[reply.lang]
    gather = Gather(
        input="dtmf speech",
        action=links.turn,
        method="POST",
        language=tag,
        timeout=reply.listen.timeout,
        speech_timeout="auto",
        finish_on_key="#",
        profanity_filter=False,
        action_on_empty_result=True,
        **({"num_digits": reply.listen.digits} if reply.listen.digits else {}),
        **({"hints": ", ".join(reply.listen.hints)} if reply.listen.hints else {}),
    )
    _say(gather, reply.say)
    return gather


def _say(verb: VoiceResponse | Gather, sentences: tuple[Sentence, ...]) -> None:
    """Speak each run of sentences of one language as one <Say>, cut where a voice would refuse the length."""
    for lang, run in groupby(sentences, key=lambda sentence: sentence.lang):
        voice, tag = VOICES[lang]
        words = ""
        for sentence in run:
            text = sentence.text[:LONGEST_SAY]
            if words and len(words) + len(text) + 1 > LONGEST_SAY:
                verb.say(words, voice=voice, language=tag)
                words = ""
            words = f"{words} {text}".strip()
        if words:
            verb.say(words, voice=voice, language=tag)
