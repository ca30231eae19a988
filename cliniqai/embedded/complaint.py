"""What stops a start: one sentence for the person at the terminal, who never sees a traceback for it."""


class Complaint(Exception):
    """Something the person can put right; the text says how."""
