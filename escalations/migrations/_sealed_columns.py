"""What the migrations 0005 to 0007 share: the sealed fields of each table, and how its rows are sealed. Frozen."""

from clinics.sealing.fields import SealedText
from clinics.sealing.migrating import Plan

ESCALATION = {
    "from_number": SealedText(default="", max_length=16),
    "patient_name": SealedText(default="", max_length=120),
    "summary": SealedText(help_text="The finding in neutral words and what the caller was told", max_length=300),
    "words": SealedText(default="", help_text="The caller's words that raised it"),
    "outcome_reason": SealedText(default="", max_length=300),
}
STEP = {"reason": SealedText(default="", help_text="Why somebody opened it again", max_length=300)}


def _escalation(row):
    return f"{row['call_id']} {row['reason']}" if row["call_id"] else str(row["id"])


PLANS = (
    Plan(
        "escalations_escalation",
        {name: f"sealed_{name}" for name in ESCALATION},
        _escalation,
        reads=("call_id", "reason"),
    ),
    Plan("escalations_step", {"reason": "sealed_reason"}, lambda row: str(row["sealed_as"]), reads=("sealed_as",)),
)
