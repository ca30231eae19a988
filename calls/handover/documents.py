"""What a handover says, as TwiML: to the caller who waits, and to the person who picks up. Pure.

The person hears nothing that must not be left on somebody's voicemail: not who calls, not what was said.
"""

from __future__ import annotations

from collections.abc import Mapping

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from calls.dialogue import wording
from calls.dialogue.types import Intent
from calls.twiml import VOICES

KEY_SECONDS = 6
TIMES_SAID = 2

ABOUT: Mapping[str, tuple[str, str]] = {
    Intent.APPOINTMENT: ("an appointment", "una cita"),
    Intent.CANCEL_APPOINTMENT: ("an appointment that is to be cancelled", "una cita que quiere cancelar"),
    Intent.CALLBACK: ("a callback", "que le devuelvan la llamada"),
    Intent.REFILL: ("a refill", "una receta"),
    Intent.TEST_RESULT: ("test results", "resultados"),
    Intent.MEDICAL_ADVICE: ("a medical question", "una pregunta médica"),
    Intent.BILLING: ("a bill", "una factura"),
}
_SOMETHING = ("something only a person can settle", "algo que solo una persona puede resolver")
_BRIEF = (
    "This is the telephone assistant of {clinic}. A caller is waiting and asks for {about}. They speak {speaks}. "
    "Press 1 to speak with them, or 2 to pass it on.",
    "Le llama el asistente telefónico de {clinic}. Una persona espera y pide {about}. Habla {speaks}. "
    "Marque 1 para hablar con ella, o 2 para pasarla.",
)
_SPEAKS = {"en": ("English", "inglés"), "es": ("Spanish", "español")}
_CONNECTED = ("Connecting you now.", "Le comunico ahora.")
_PASSED_ON = ("Thank you. Somebody else is asked. Goodbye.", "Gracias. Se le pide a otra persona. Adiós.")
_GONE = ("The caller is not waiting any more. Goodbye.", "La persona ya no está esperando. Adiós.")
_LANGS = ("en", "es")


def wait(*, lang: str, music: str, again: str, first: bool) -> str:
    """Hold music that asks for itself again when it has ended; a word in between says that the line still lives."""
    response = VoiceResponse()
    if not first:
        _say(response, wording.speak("person.hold", lang).text, lang)
    response.play(music)
    response.redirect(again, method="POST")
    return str(response)


def last_words(*, lang: str, emergency: str) -> str:
    """For a caller who waits for nobody and cannot be brought back: the truth, and the end of the call."""
    response = VoiceResponse()
    spelled = wording.digit_by_digit(emergency)
    for key in ("person.no_answer", "greet.emergency", "bye"):
        _say(response, wording.speak(key, lang, emergency=spelled).text, lang)
    response.hangup()
    return str(response)


def brief(*, lang: str, clinic: str, about: str, speaks: str, key: str, mark: str = "") -> str:
    """Ten neutral seconds for who picks up, and a key to press; said twice, for a telephone on its way to the ear."""
    at = _LANGS.index(lang)
    words = _BRIEF[at].format(clinic=clinic[:80], about=ABOUT.get(about, _SOMETHING)[at], speaks=_SPEAKS[speaks][at])
    response = VoiceResponse()
    for _ in range(TIMES_SAID):
        gather = Gather(input="dtmf", num_digits=1, timeout=KEY_SECONDS, action=key, method="POST")
        _say(gather, mark + words, lang)
        response.append(gather)
    _say(response, _PASSED_ON[at], lang)
    response.hangup()
    return str(response)


def join(*, lang: str, room: str) -> str:
    """Into the conference, which begins with the person and ends with whoever leaves first."""
    response = VoiceResponse()
    _say(response, _CONNECTED[_LANGS.index(lang)], lang)
    dial = Dial()
    dial.conference(room, start_conference_on_enter=True, end_conference_on_exit=True, beep="false")
    response.append(dial)
    response.hangup()
    return str(response)


def passed_on(*, lang: str) -> str:
    return _goodbye(_PASSED_ON, lang)


def gone(*, lang: str) -> str:
    return _goodbye(_GONE, lang)


def _goodbye(words: tuple[str, str], lang: str) -> str:
    response = VoiceResponse()
    _say(response, words[_LANGS.index(lang)], lang)
    response.hangup()
    return str(response)


def _say(response: VoiceResponse | Gather, words: str, lang: str) -> None:
    voice, tag = VOICES[lang]
    response.say(words, voice=voice, language=tag)
