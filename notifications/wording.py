"""What leaves the portal, in words: the clinic's name, a neutral sentence and a link. Pure.

Nothing here takes a name, a number, a date or a reason: what happened is read after signing in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from notifications.kinds import TABLE, Kind

LONGEST_NAME = 40  # of a clinic in a text message, so that one text stays one or two segments


@dataclass(frozen=True)
class Letter:
    """An e-mail."""

    subject: str
    body: str


_CODE: Mapping[str, str] = {
    "en": "{clinic}: your code is {code}. It works for ten minutes. Tell it to nobody.",
    "es": "{clinic}: su código es {code}. Sirve durante diez minutos. No lo diga a nadie.",
}
_MARKS: Mapping[str, Mapping[str, str]] = {
    "TEST": {"en": "TEST. ", "es": "PRUEBA. "},
    "DRILL": {"en": "DRILL. ", "es": "SIMULACRO. "},
}
_SIGN_IN: Mapping[str, str] = {"en": "Sign in", "es": "Inicie sesión"}
_STOP: Mapping[str, str] = {
    "en": "In an emergency call {emergency}. Reply STOP for no more texts.",
    "es": "En una emergencia llame al {emergency}. Responda STOP para no recibir mensajes.",
}
_LETTER: Mapping[str, str] = {
    "en": "{title}.\n\nSign in to see it: {link}\n\nThis message holds nothing about patients. Please do not reply.\n",
    "es": "{title}.\n\nInicie sesión para verlo: {link}\n\n"
    "Este mensaje no contiene datos de pacientes. Por favor no responda.\n",
}
_WITH_LINK: Mapping[str, Mapping[str, str]] = {
    "person.invited": {
        "en": "You are invited to the portal of {clinic}.\n\nChoose your password here: {link}\n\n"
        "The link works once, for {time}. If you expected no invitation, throw this letter away.\n",
        "es": "Le invitan al portal de {clinic}.\n\nElija su contraseña aquí: {link}\n\n"
        "El enlace sirve una vez, durante {time}. Si no esperaba una invitación, descarte este mensaje.\n",
    },
    "person.reset": {
        "en": "Somebody asked for a new password at {clinic} for this address.\n\nChoose it here: {link}\n\n"
        "The link works once, for {time}. If it was not you, throw this letter away: nothing has changed.\n",
        "es": "Alguien pidió una contraseña nueva en {clinic} para esta dirección.\n\nElíjala aquí: {link}\n\n"
        "El enlace sirve una vez, durante {time}. Si no fue usted, descarte este mensaje: nada ha cambiado.\n",
    },
    "person.new_address": {
        "en": "Somebody at {clinic} wants to sign in with this address from now on.\n\nConfirm it here: {link}\n\n"
        "The link works once, for {time}. If it was not you, throw this letter away: nothing has changed.\n",
        "es": "Alguien de {clinic} quiere iniciar sesión con esta dirección.\n\nConfírmela aquí: {link}\n\n"
        "El enlace sirve una vez, durante {time}. Si no fue usted, descarte este mensaje: nada ha cambiado.\n",
    },
}
_TIME: Mapping[str, tuple[str, str]] = {"en": ("{n} days", "{n} minutes"), "es": ("{n} días", "{n} minutos")}
_CALL: Mapping[str, str] = {
    "en": "This is the telephone assistant of {clinic}. {sentence}",
    "es": "Le llama el asistente telefónico de {clinic}. {sentence}",
}
PRESS_ONE: Mapping[str, str] = {
    "en": "Press 1 to take it.",
    "es": "Marque 1 para tomarla.",
}
YOURS: Mapping[str, str] = {
    "en": "Thank you. You have taken it. Please sign in to the portal now.",
    "es": "Gracias. Usted la ha tomado. Por favor inicie sesión en el portal ahora.",
}
TAKEN: Mapping[str, str] = {
    "en": "Thank you. It has been taken already. Goodbye.",
    "es": "Gracias. Ya ha sido tomada. Adiós.",
}
NOT_DONE: Mapping[str, str] = {
    "en": "That could not be recorded. Please sign in to the portal now.",
    "es": "No se pudo registrar. Por favor inicie sesión en el portal ahora.",
}
NO_KEY: Mapping[str, str] = {
    "en": "No key was pressed. Goodbye.",
    "es": "No se marcó ninguna tecla. Adiós.",
}
VOICES: Mapping[str, str] = {"en": "en-US", "es": "es-US"}

HELP: Mapping[str, str] = {
    "en": "{clinic}: this number sends notices about your requests and cannot read texts. Please call us. "
    "In an emergency call {emergency}. Reply STOP for no more texts.",
    "es": "{clinic}: este número envía avisos sobre sus solicitudes y no puede leer mensajes. Por favor llámenos. "
    "En una emergencia llame al {emergency}. Responda STOP para no recibir mensajes.",
}
STOPPED: Mapping[str, str] = {
    "en": "{clinic}: you will get no more texts. Reply START to get them again.",
    "es": "{clinic}: no recibirá más mensajes. Responda START para recibirlos de nuevo.",
}
STARTED: Mapping[str, str] = {
    "en": "{clinic}: you will get texts again. Reply STOP for no more texts.",
    "es": "{clinic}: volverá a recibir mensajes. Responda STOP para no recibirlos.",
}


def text_for_staff(kind: Kind, *, lang: str, clinic: str, link: str, mark: str = "") -> str:
    """A text message to a member of staff."""
    return f"{_marked(mark, lang)}{clinic[:LONGEST_NAME]}: {_of(kind.title, lang)}. {_of(_SIGN_IN, lang)}: {link}"


def code_for_staff(*, lang: str, clinic: str, code: str) -> str:
    """The text that proves a telephone."""
    return _of(_CODE, lang).format(clinic=clinic[:LONGEST_NAME], code=code)


def text_for_patient(kind: Kind, *, lang: str, clinic: str, emergency: str) -> str:
    """A text message to a patient: not what about, not with whom."""
    stop = _of(_STOP, lang).format(emergency=emergency)
    return f"{clinic[:LONGEST_NAME]}: {_of(kind.patient, lang)} {stop}"


def letter(kind: Kind, *, lang: str, clinic: str, link: str, mark: str = "") -> Letter:
    """An e-mail to a member of staff."""
    title = _marked(mark, lang) + _of(kind.title, lang)
    return Letter(subject=f"{clinic[:80]}: {title}", body=_of(_LETTER, lang).format(title=title, link=link))


def letter_with_link(kind: str, *, lang: str, clinic: str, link: str, lives: timedelta) -> Letter:
    """An e-mail whose link lets somebody in, or proves an address. The link is the secret, so nothing else is there."""
    lang = lang if lang in _TIME else "en"
    days, minutes = _TIME[lang]
    time = days.format(n=lives.days) if lives.days else minutes.format(n=lives.seconds // 60)
    subject = f"{clinic[:80]}: {_of(TABLE[kind].title, lang)}"
    return Letter(subject=subject, body=_of(_WITH_LINK[kind], lang).format(clinic=clinic[:80], link=link, time=time))


def call(kind: Kind, *, lang: str, clinic: str, mark: str = "") -> str:
    """What a call to a member of staff says first."""
    sentence = _of(kind.spoken or kind.title, lang)
    return _marked(mark, lang) + _of(_CALL, lang).format(clinic=clinic[:80], sentence=sentence)


def _marked(mark: str, lang: str) -> str:
    return _of(_MARKS[mark], lang) if mark else ""


def _of(words: Mapping[str, str], lang: str) -> str:
    return words.get(lang, words["en"])
