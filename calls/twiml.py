"""A reply as TwiML. Pure: the same reply always gives the same document.

Written as text, because a caller waits: `twilio.twiml` builds a tree for each and takes five times as long
(docs/benchmarks.md). The tests hold every document against the library's, byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from xml.sax.saxutils import escape

from calls.dialogue.first import MOST_SECONDS
from calls.dialogue.reply import Reply, Sentence, Then

VOICES = {"en": ("Polly.Joanna-Neural", "en-US"), "es": ("Polly.Lupe-Neural", "es-US")}
"""Per language the voice that speaks and the BCP-47 tag that Twilio listens and speaks with."""

LONGEST_SAY = 2900
"""Characters in one <Say>: a Polly voice takes 3,000 (Twilio error 13521)."""

RINGING_SECONDS = 25
"""How long the clinic's line rings before the caller is told that nobody answers."""

MOST_TRANSCRIBED = 120
"""Seconds of a message that Twilio writes down; of a longer one it writes nothing."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_IN_QUOTES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}


@dataclass(frozen=True, slots=True)
class Links:
    """Where Twilio goes next: the next turn's URL and the recording's callback, as paths on the clinic's host.

    `partial` is the absolute address that unfinished sentences are told to, `handover` the one that those of a
    handover begin with, `room` the name of its conference, `transcript` where the words of a voicemail are told, ""
    where nobody writes them down.
    """

    turn: str
    recording: str = ""
    partial: str = ""
    handover: str = ""
    room: str = ""
    transcript: str = ""


NO_CLIPS: Mapping[tuple[str, str], str] = MappingProxyType({})


def render(reply: Reply, links: Links, clips: Mapping[tuple[str, str], str] = NO_CLIPS) -> str:
    """The document for a reply. Every path of it ends in a verb that speaks, listens, connects or hangs up.

    `clips` are the addresses of sentences, by language and words, that are played; a voice of Twilio says the others.
    """
    turn = _value(links.turn)
    match reply.then:
        case Then.LISTEN:
            # Twilio goes on here when it heard nothing and did not ask for the action: the turn is the same, silent.
            verbs = f'{_gather(reply, turn, links, clips)}<Redirect method="POST">{escape(links.turn)}</Redirect>'
        case Then.DIAL:
            verbs = (
                f'{_say(reply.say, clips)}<Dial action="{turn}" answerOnBridge="true" method="POST" '
                f'timeout="{RINGING_SECONDS}"><Number>{escape(reply.dial)}</Number></Dial>'
            )
        case Then.HAND_OVER:
            verbs = f"{_say(reply.say, clips)}{_conference(links)}"
        case Then.RECORD:
            # Twilio goes on here when nothing was said: the turn is the same, without a message.
            heard = f"{_say(reply.say, clips)}{_record(turn, links)}"
            verbs = f'{heard}<Redirect method="POST">{escape(links.turn)}</Redirect>'
        case Then.HANG_UP:
            verbs = f"{_say(reply.say, clips)}<Hangup />"
    return f"{_HEAD}<Response>{_start(reply, links)}{verbs}</Response>"


def _start(reply: Reply, links: Links) -> str:
    if not (reply.record and links.recording):
        return ""
    told = _value(links.recording)
    return f'<Start><Recording recordingStatusCallback="{told}" recordingStatusCallbackMethod="POST" /></Start>'


def _record(turn: str, links: Links) -> str:
    most = min(MOST_SECONDS, MOST_TRANSCRIBED) if links.transcript else MOST_SECONDS
    told = f' transcribe="true" transcribeCallback="{_value(links.transcript)}"' if links.transcript else ""
    return (
        f'<Record action="{turn}" finishOnKey="#" maxLength="{most}" method="POST" playBeep="true" '
        f'recordingStatusCallback="{_value(links.recording)}" recordingStatusCallbackMethod="POST" timeout="6"{told} />'
    )


def _conference(links: Links) -> str:
    """The caller waits in a conference that begins with the person; whoever leaves it ends it."""
    at = _value(links.handover)
    return (
        f'<Dial action="{at}after/" method="POST"><Conference beep="false" endConferenceOnExit="true" '
        f'startConferenceOnEnter="false" statusCallback="{at}events/" statusCallbackEvent="start end join leave" '
        f'statusCallbackMethod="POST" waitMethod="POST" waitUrl="{at}wait/">{escape(links.room)}</Conference></Dial>'
    )


def _gather(reply: Reply, turn: str, links: Links, clips: Mapping[tuple[str, str], str]) -> str:
    listen = reply.listen
    assert listen is not None
    _, tag = VOICES[reply.lang]
    hints = f' hints="{_value(", ".join(listen.hints))}"' if listen.hints else ""
    told = f' partialResultCallback="{_value(links.partial)}" partialResultCallbackMethod="POST"' if listen.live else ""
    say = _say(reply.say, clips)
    inside = f">{say}</Gather>" if say else " />"
    heard = "dtmf speech" if listen.speech else "dtmf"
    digits = f' numDigits="{listen.digits}"' if listen.digits else ""
    return (
        f'<Gather action="{turn}" actionOnEmptyResult="true" finishOnKey="#"{hints} input="{heard}" '
        f'language="{tag}" method="POST"{digits}{told} profanityFilter="false" speechTimeout="auto" '
        f'timeout="{listen.timeout}"{inside}'
    )


def _say(sentences: tuple[Sentence, ...], clips: Mapping[tuple[str, str], str]) -> str:
    """The sentences in their order: played where there is a clip, else said."""
    if not clips:
        return _said(sentences)
    verbs = ""
    for url, run in groupby(sentences, key=lambda sentence: clips.get((sentence.lang, sentence.text), "")):
        same = tuple(run)
        verbs += f"<Play>{escape(url)}</Play>" * len(same) if url else _said(same)
    return verbs


def _said(sentences: tuple[Sentence, ...]) -> str:
    """Each run of sentences of one language as one <Say>, cut where a voice would refuse the length."""
    verbs = ""
    for lang, run in groupby(sentences, key=lambda sentence: sentence.lang):
        voice, tag = VOICES[lang]
        words = ""
        for sentence in run:
            text = sentence.text[:LONGEST_SAY]
            if words and len(words) + len(text) + 1 > LONGEST_SAY:
                verbs += _spoken(words, voice, tag)
                words = ""
            words = f"{words} {text}".strip()
        if words:
            verbs += _spoken(words, voice, tag)
    return verbs


def _spoken(words: str, voice: str, tag: str) -> str:
    return f'<Say language="{tag}" voice="{voice}">{escape(words)}</Say>'


def _value(text: str) -> str:
    """Text as it stands between the quotes of an attribute."""
    return escape(text, _IN_QUOTES)
