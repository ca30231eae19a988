"""The greeting, every question, what is read back, and what follows when nothing was understood."""

from __future__ import annotations

ASKED: dict[str, tuple[str, str]] = {
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
    "ask.recording": (
        "May we record this call? Say yes or press 1. If not, just tell me how I can help.",
        "¿Podemos grabar esta llamada? Diga sí o marque 1. Si no, dígame en qué le puedo ayudar.",
    ),
    "recording.on": ("Thank you. The call is recorded from now on.", "Gracias. Desde ahora se graba la llamada."),
    "recording.off": ("All right, the call is not recorded.", "Muy bien, la llamada no se graba."),
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
    "ask.go_on": (
        "Please say it again. If someone is in danger, say emergency.",
        "Por favor, dígalo otra vez. Si alguien está en peligro, diga emergencia.",
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
    "keys.alarm": ("Press 9 to alarm the clinic.", "Oprima 9 para dar la alarma a la clínica."),
    "keys.yes_no": ("Press 1 for yes, or 2 for no.", "Oprima 1 para sí, o 2 para no."),
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
    "sorry.cut_short": ("I did not hear the end of that.", "No escuché el final."),
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
    "wait.moment": ("One moment, please.", "Un momento, por favor."),
    "wait.sure": ("Of course, take your time. I am listening.", "Claro, tómese su tiempo. Le escucho."),
    # --- who is speaking -------------------------------------------------------------------------------------
    "bot.yes": (
        "I am an automated assistant. I take your request and pass it to the clinic's staff. "
        "Say person or press zero if you would rather speak to somebody.",
        "Soy un asistente automático. Tomo su solicitud y se la paso al personal de la clínica. "
        "Diga persona u oprima cero si prefiere hablar con alguien.",
    ),
}
