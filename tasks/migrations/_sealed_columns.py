"""What the migrations 0005 to 0007 share: the sealed fields of each table, and how its rows are sealed. Frozen."""

from clinics.sealing.fields import SealedDate, SealedJSON, SealedText
from clinics.sealing.indexes import BlindIndex, WordIndex
from clinics.sealing.migrating import Plan, number_index, word_index

TASK = {
    "patient_name": SealedText(default="", max_length=120),
    "date_of_birth": SealedDate(default=None),
    "callback_number": SealedText(default="", max_length=16),
    "number_index": BlindIndex(made_of=("callback_number",)),
    "summary": SealedText(default="", help_text="One line for the queue", max_length=300),
    "details": SealedJSON(default=dict),
    "search_index": WordIndex(
        made_of=("patient_name", "summary", "details", "callback_number"), words="words_to_find"
    ),
}
DECISION = {"reason": SealedText(default="", max_length=300)}
NOTE = {"words": SealedText(max_length=2000)}


def _columns(*names):
    return {name: f"sealed_{name}" for name in names}


PLANS = (
    Plan(
        "tasks_task",
        _columns("patient_name", "date_of_birth", "callback_number", "summary", "details"),
        lambda row: str(row["id"]),
        reads=("search_words",),
        made={"number_index": number_index("callback_number"), "search_index": word_index("search_words")},
    ),
    Plan("tasks_decision", _columns("reason"), lambda row: str(row["task_id"]), reads=("task_id",)),
    Plan("tasks_note", _columns("words"), lambda row: str(row["sealed_as"]), reads=("sealed_as",)),
)
