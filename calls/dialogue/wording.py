"""Every sentence the phone can say, in both languages, side by side.

Nothing else is ever spoken, except a clinic's own greeting and its approved facts. No sentence gives advice, a
result, a dose or a reassurance, and none promises what no row in the database stands for. Numbers that must be
dialled are written digit by digit, so that every voice reads them so.
"""

from __future__ import annotations

import re

from calls.dialogue.reply import Sentence

TABLE: dict[str, tuple[str, str]] = {
    # --- the start -------------------------------------------------------------------------------------------
    "greet.hello": (
        "Thank you for calling {clinic}. I am an automated assistant.",
        "Gracias por llamar a {clinic}. Soy un asistente automático.",
    ),
    "bot.short": ("I am an automated assistant.", "Soy un asistente automático."),
    "greet.emergency": (
        "If this is an emergency, hang up and dial {emergency} now.",
        "Si es una emergencia, cuelgue y marque {emergency} ahora mismo.",
    ),
    "greet.recording": ("This call is recorded.", "Esta llamada se graba."),
    "greet.spanish": ("Para español, oprima dos o diga español.", "Para español, oprima dos o diga español."),
    "greet.person": ("Press zero at any time for a person.", "Oprima cero en cualquier momento para una persona."),
    "ask.how": ("How can I help you today?", "¿En qué puedo ayudarle hoy?"),
    "ask.how_again": (
        "Please tell me in a few words what you need. For example: an appointment, a refill, a test result, "
        "or a message for the clinic.",
        "Dígame en pocas palabras qué necesita. Por ejemplo: una cita, un resurtido de medicina, un resultado, "
        "o un mensaje para la clínica.",
    ),
    "ask.menu": (
        "Press 1 for an appointment, 3 for a refill, 4 for a test result, 5 to leave a message, or 0 for a person.",
        "Oprima 1 para una cita, 3 para un resurtido, 4 para un resultado, 5 para dejar un mensaje, "
        "o 0 para una persona.",
    ),
    "ask.more": ("Is there anything else I can help you with?", "¿Hay algo más en que le pueda ayudar?"),
    "lang.switched": ("We will continue in English.", "Continuamos en español."),
    # --- questions for a field -------------------------------------------------------------------------------
    "ask.reason.appointment": ("What is the visit for?", "¿Cuál es el motivo de la cita?"),
    "ask.reason.callback": (
        "What should I tell them it is about?",
        "¿De qué se trata, para decírselo a ellos?",
    ),
    "ask.preferred_time": (
        "Which day and time would suit you best?",
        "¿Qué día y a qué hora le conviene más?",
    ),
    "ask.appointment_when": (
        "Which appointment is it? Tell me the day, or the doctor.",
        "¿De qué cita se trata? Dígame el día, o el doctor.",
    ),
    "ask.medication": ("Which medicine do you need?", "¿Qué medicina necesita?"),
    "ask.pharmacy": ("Which pharmacy should it go to?", "¿A qué farmacia se debe enviar?"),
    "ask.test_name": ("Which test are you calling about?", "¿Por cuál examen llama?"),
    "ask.question.medical_advice": (
        "Please tell me your question, and I will pass it on.",
        "Dígame su pregunta, y yo la paso.",
    ),
    "ask.question.general": ("What is your question?", "¿Cuál es su pregunta?"),
    "ask.patient_name": (
        "What is the patient's first and last name?",
        "¿Cuál es el nombre y apellido del paciente?",
    ),
    "ask.date_of_birth": (
        "What is the patient's date of birth? Say the month, day and year.",
        "¿Cuál es la fecha de nacimiento del paciente? Diga el día, el mes y el año.",
    ),
    "ask.callback_number": (
        "What number can the clinic call you at? Start with the area code.",
        "¿A qué número le puede llamar la clínica? Empiece con el código de área.",
    ),
    "ask.doctor": ("Which doctor is it about?", "¿De qué doctor se trata?"),
    "ask.appointment_change": (
        "Do you want a new appointment, or to change one?",
        "¿Quiere una cita nueva, o cambiar una?",
    ),
    # --- the other way: keys ---------------------------------------------------------------------------------
    "keys.date_of_birth": (
        "Please use the keypad: two digits for the month, two for the day, four for the year. "
        "For March fourth 1982 that is 0 3 0 4 1 9 8 2.",
        "Use el teclado, por favor: dos números para el mes, dos para el día, cuatro para el año. "
        "Para el cuatro de marzo de 1982 es 0 3 0 4 1 9 8 2.",
    ),
    "keys.callback_number": (
        "Please enter the ten digits of the number on your keypad.",
        "Marque los diez dígitos del número en el teclado, por favor.",
    ),
    # --- reading back ----------------------------------------------------------------------------------------
    "confirm.patient_name": (
        "I heard {value}, spelled {spelled}. Is that right?",
        "Entendí {value}, se escribe {spelled}. ¿Es correcto?",
    ),
    "confirm.date_of_birth": (
        "Born on {spoken}. Is that right?",
        "Nació el {spoken}. ¿Es correcto?",
    ),
    "confirm.callback_number": (
        "The number is {spoken}. Is that right?",
        "El número es {spoken}. ¿Es correcto?",
    ),
    "confirm.caller_number": (
        "Can the clinic call you back at {spoken}, the number you are calling from?",
        "¿Le puede llamar la clínica al {spoken}, el número desde el que llama?",
    ),
    "confirm.same_person": (
        "Is this also for {value}?",
        "¿Esto también es para {value}?",
    ),
    "confirm.medication": ("Did you say {value}?", "¿Dijo {value}?"),
    "confirm.yes_no": (
        "Please say yes or no, or press 1 for yes and 2 for no.",
        "Diga sí o no, u oprima 1 para sí y 2 para no.",
    ),
    "confirm.corrected": ("Thank you, I have changed that.", "Gracias, ya lo cambié."),
    "confirm.try_again": ("Then let us try that again.", "Entonces lo intentamos otra vez."),
    # --- not heard, not understood ---------------------------------------------------------------------------
    "sorry.silence": ("I did not hear anything.", "No escuché nada."),
    "sorry.unclear": ("I am sorry, I did not understand.", "Disculpe, no entendí."),
    "sorry.line": (
        "I am sorry, the line is not clear.",
        "Disculpe, la línea no se oye bien.",
    ),
    "sorry.invalid_date": ("That date cannot be right.", "Esa fecha no puede ser."),
    "sorry.invalid_number": ("That number is not complete.", "Ese número no está completo."),
    "sorry.person": (
        "I am having trouble understanding, so a person should help you.",
        "Me cuesta entender, así que es mejor que le ayude una persona.",
    ),
    "sorry.too_long": (
        "This is taking long, so a person should help you.",
        "Esto está tardando, así que es mejor que le ayude una persona.",
    ),
    "sorry.skip": (
        "I will note that I could not read that.",
        "Voy a anotar que no lo pude entender.",
    ),
    "wait.sure": ("Of course, take your time. I am listening.", "Claro, tómese su tiempo. Le escucho."),
    # --- who is speaking -------------------------------------------------------------------------------------
    "bot.yes": (
        "I am an automated assistant. I take your request and pass it to the clinic's staff. "
        "Say person or press zero if you would rather speak to somebody.",
        "Soy un asistente automático. Tomo su solicitud y se la paso al personal de la clínica. "
        "Diga persona u oprima cero si prefiere hablar con alguien.",
    ),
    # --- boundaries ------------------------------------------------------------------------------------------
    "bound.medical_advice": (
        "I cannot give medical advice. I can pass your question to a clinician.",
        "No puedo dar consejos médicos. Puedo pasar su pregunta a un profesional de salud.",
    ),
    "bound.test_result": (
        "I cannot give results. I can ask a clinician to call you about it.",
        "No puedo dar resultados. Puedo pedir que un profesional de salud le llame sobre eso.",
    ),
    "bound.refill": (
        "I can pass a medication request to the doctor, who decides about it.",
        "Puedo pasar la solicitud de medicina al doctor, que decide sobre ella.",
    ),
    "bound.appointment": (
        "I can take an appointment request. Staff confirm the time.",
        "Puedo tomar una solicitud de cita. El personal confirma la hora.",
    ),
    "bound.cancel_appointment": (
        "I can pass on that you want to cancel.",
        "Puedo pasar el aviso de que quiere cancelar.",
    ),
    "bound.callback": ("I can ask staff to call you back.", "Puedo pedir que el personal le llame."),
    "bound.billing": (
        "I can pass a billing question to staff.",
        "Puedo pasar una pregunta de facturación al personal.",
    ),
    "bound.general": (
        "I do not have that answer, but I can pass your question to staff.",
        "No tengo esa respuesta, pero puedo pasar su pregunta al personal.",
    ),
    "bound.human_request": (
        "I can take a message so that a person calls you back.",
        "Puedo tomar un mensaje para que una persona le llame.",
    ),
    # --- requests that this clinic leaves to a person ----------------------------------------------------------
    "hand.refill": (
        "A person at the clinic takes medication requests.",
        "Una persona de la clínica atiende las solicitudes de medicina.",
    ),
    "hand.test_result": (
        "I cannot give results. A person at the clinic should help you with that.",
        "No puedo dar resultados. Es mejor que le ayude una persona de la clínica.",
    ),
    "hand.medical_advice": (
        "I cannot give medical advice. A person at the clinic should help you with that.",
        "No puedo dar consejos médicos. Es mejor que le ayude una persona de la clínica.",
    ),
    "hand.other": (
        "A person at the clinic should help you with that.",
        "Es mejor que una persona de la clínica le ayude con eso.",
    ),
    "hand.message": (
        "I will take a message so that they call you back.",
        "Voy a tomar un mensaje para que le llamen.",
    ),
    "mind.changed": ("All right.", "Muy bien."),
    "mind.start_over": ("All right, let us start over.", "Muy bien, empecemos de nuevo."),
    "queue.next": ("Now to your other request.", "Ahora, su otra solicitud."),
    # --- done ------------------------------------------------------------------------------------------------
    "done.appointment": (
        "Thank you. I have passed your appointment request to the clinic.",
        "Gracias. Ya pasé su solicitud de cita a la clínica.",
    ),
    "done.cancel_appointment": (
        "Thank you. I have passed your cancellation to the clinic.",
        "Gracias. Ya pasé su cancelación a la clínica.",
    ),
    "done.callback": (
        "Thank you. I have asked the clinic to call you back.",
        "Gracias. Ya pedí a la clínica que le llame.",
    ),
    "done.refill": (
        "Thank you. I have passed your medication request to the clinic. The doctor decides about it.",
        "Gracias. Ya pasé su solicitud de medicina a la clínica. El doctor decide sobre ella.",
    ),
    "done.test_result": (
        "Thank you. I have asked a clinician to call you about the test.",
        "Gracias. Ya pedí que un profesional de salud le llame sobre el examen.",
    ),
    "done.medical_advice": (
        "Thank you. I have passed your question to a clinician.",
        "Gracias. Ya pasé su pregunta a un profesional de salud.",
    ),
    "done.billing": (
        "Thank you. I have passed your billing question to staff.",
        "Gracias. Ya pasé su pregunta de facturación al personal.",
    ),
    "done.general": (
        "Thank you. I have passed your question to staff.",
        "Gracias. Ya pasé su pregunta al personal.",
    ),
    "done.human_request": (
        "Thank you. I have asked staff to call you back.",
        "Gracias. Ya pedí que el personal le llame.",
    ),
    "done.urgent": (
        "Thank you. A nurse will call you back today.",
        "Gracias. Una enfermera le llamará hoy mismo.",
    ),
    "done.urgent_closed": (
        "Thank you. A nurse will call you back when the clinic opens.",
        "Gracias. Una enfermera le llamará cuando abra la clínica.",
    ),
    # --- promises: each stands for a row of its own, by when is worked out in the clinic's opening hours ---------
    "promise.staff_call_back": ("They will call you {by}.", "Le llamarán {by}."),
    "promise.person_calls": ("A person will call you {by}.", "Una persona le llamará {by}."),
    "promise.staff_confirm_appointment": (
        "They will call you {by} to settle the time.",
        "Le llamarán {by} para acordar la hora.",
    ),
    "promise.staff_answer": ("They will call you {by}.", "Le llamarán {by}."),
    "promise.billing_answers": ("They will call you about it {by}.", "Le llamarán por eso {by}."),
    "promise.clinician_calls": (
        "You will hear from a clinician {by}.",
        "Un profesional de salud le llamará {by}.",
    ),
    "promise.clinician_answers": (
        "A clinician will call you {by}.",
        "Un profesional de salud le llamará {by}.",
    ),
    "promise.doctor_decides": ("The doctor will look at it {by}.", "El doctor la verá {by}."),
    "done.kept": (
        "I have passed on what you told me.",
        "Ya pasé lo que me dijo.",
    ),
    "bye": ("Goodbye.", "Adiós."),
    "bye.silence": (
        "I cannot hear you, so I will hang up now. Please call again if you still need us.",
        "No le escucho, así que voy a colgar. Llame de nuevo si todavía nos necesita.",
    ),
    # --- danger ----------------------------------------------------------------------------------------------
    "danger.emergency": (
        "This may be an emergency. Hang up and dial {emergency} now. I am telling the clinic right away.",
        "Esto puede ser una emergencia. Cuelgue y marque {emergency} ahora mismo. Estoy avisando a la clínica.",
    ),
    "danger.crisis": (
        "I am glad you told me. You can call or text {crisis} at any time, day or night, to talk to someone. "
        "If you are in danger right now, dial {emergency}. I am telling the clinic right away.",
        "Gracias por decírmelo. Puede llamar o enviar un mensaje al {crisis} a cualquier hora, de día o de noche, "
        "para hablar con alguien. Si está en peligro ahora, marque {emergency}. Estoy avisando a la clínica.",
    ),
    "danger.connecting": (
        "If you stay on the line, I am connecting you to the clinic.",
        "Si se queda en la línea, le comunico con la clínica.",
    ),
    "danger.no_answer": (
        "Nobody at the clinic could be reached on this line yet. They have been alerted.",
        "Todavía nadie en la clínica pudo contestar esta línea. Ya recibieron el aviso.",
    ),
    "danger.still": (
        "I have added that for the clinic.",
        "Ya lo agregué para la clínica.",
    ),
    "danger.listening": (
        "You can tell me more while I am listening.",
        "Puede decirme más, le estoy escuchando.",
    ),
    "danger.number": (
        "What number can the clinic reach you at?",
        "¿A qué número le puede llamar la clínica?",
    ),
    "urgent.told": (
        "Somebody should look at this today. I have told the clinic, and a nurse will call you back today. "
        "If it gets worse, hang up and dial {emergency}.",
        "Alguien debe ver esto hoy. Ya avisé a la clínica, y una enfermera le llamará hoy mismo. "
        "Si empeora, cuelgue y marque {emergency}.",
    ),
    "urgent.told_closed": (
        "Somebody should look at this soon. I have told the clinic. It is closed right now, and a nurse will call you "
        "back when it opens{opens}. If it gets worse or you cannot wait, hang up and dial {emergency}.",
        "Alguien debe ver esto pronto. Ya avisé a la clínica. En este momento está cerrada, y una enfermera le llamará "
        "cuando abra{opens}. Si empeora o no puede esperar, cuelgue y marque {emergency}.",
    ),
    "distress.offer": (
        "I am sorry this is hard. Would you like to speak to a person?",
        "Siento que esto sea difícil. ¿Quiere hablar con una persona?",
    ),
    "distress.person": (
        "I am sorry this is hard. A person should help you.",
        "Siento que esto sea difícil. Es mejor que le ayude una persona.",
    ),
    "distress.go_on": ("All right. We take it one step at a time.", "Muy bien. Vamos paso a paso."),
    # --- a person --------------------------------------------------------------------------------------------
    "person.connecting": (
        "One moment, I am connecting you.",
        "Un momento, le comunico.",
    ),
    "person.closed": (
        "The clinic is closed right now. People are there again {opens}.",
        "La clínica está cerrada en este momento. Habrá alguien de nuevo {opens}.",
    ),
    "person.closed_unknown": (
        "The clinic is closed right now.",
        "La clínica está cerrada en este momento.",
    ),
    "person.no_answer": (
        "I am sorry, nobody could take the call.",
        "Disculpe, nadie pudo contestar la llamada.",
    ),
    "person.failed_turn": (
        "One moment please, I am connecting you to the clinic.",
        "Un momento por favor, le comunico con la clínica.",
    ),
}

LANGS = ("en", "es")
LONGEST_VALUE = 300
CALLERS_VALUES = frozenset({"value", "spelled", "spoken"})
"""What is filled in from a caller's words, and so can hold no sentence of its own."""
_SENTENCE_END = re.compile(r"[.!?;:]")
_UNSPEAKABLE = re.compile(r"[\x00-\x1f<>]")


def speak(key: str, lang: str, /, **values: str) -> Sentence:
    """The sentence `key` in `lang`, filled with values; raises KeyError for a sentence that does not exist.

    A value is mostly a caller's own words: signs of markup and what no voice can say are taken out of it.
    """
    said = {name: _UNSPEAKABLE.sub(" ", value)[:LONGEST_VALUE] for name, value in values.items()}
    said |= {name: _SENTENCE_END.sub(" ", said[name]) for name in CALLERS_VALUES & set(said)}
    return Sentence(key=key, text=TABLE[key][LANGS.index(lang)].format(**said), lang=lang)


def digit_by_digit(number: str) -> str:
    """A short public number as a voice should read it: "911" -> "9 1 1"."""
    return " ".join(number)
