"""What the phone can do, what it has done, what it promises, and what it says in danger."""

from __future__ import annotations

TOLD: dict[str, tuple[str, str]] = {
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
    # --- a message after the tone -----------------------------------------------------------------------------
    "voicemail.ask": (
        "You have reached {clinic}. If this is an emergency, hang up and dial {emergency} now. Nobody can take your "
        "call. Please leave your name, your number and what it is about after the tone, and press the pound key.",
        "Se ha comunicado con {clinic}. Si es una emergencia, cuelgue y marque {emergency} ahora. Nadie puede atender "
        "su llamada. Deje su nombre, su número y de qué se trata después del tono, y marque la tecla numeral.",
    ),
    "voicemail.kept": (
        "Thank you. Your message is kept.",
        "Gracias. Su mensaje quedó guardado.",
    ),
    # --- a person --------------------------------------------------------------------------------------------
    "person.connecting": (
        "One moment, I am connecting you.",
        "Un momento, le comunico.",
    ),
    "person.hold": (
        "Please stay on the line. I am still looking for somebody for you.",
        "Por favor no cuelgue. Todavía estoy buscando a alguien para usted.",
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
