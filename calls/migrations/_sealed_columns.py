"""What the migrations 0005 to 0007 share: the sealed fields of each table, and how its rows are sealed. Frozen."""

from clinics.sealing.fields import SealedJSON, SealedText
from clinics.sealing.indexes import BlindIndex, WordIndex, word_digests
from clinics.sealing.migrating import Plan, number_index

CALL = {
    "from_number": SealedText(default="", help_text="E.164; blank when withheld", max_length=16),
    "number_index": BlindIndex(made_of=("from_number",)),
}
TURN = {
    "words": SealedText(default=""),
    "digits": SealedText(default="", max_length=32),
    "findings": SealedJSON(default=list, help_text="kind, rule, reason of each finding"),
    "rule_index": WordIndex(made_of=("findings",), words="rules_to_find", whole=True),
    "filled": SealedJSON(default=dict, help_text="Fields that this turn filled or changed"),
    "said": SealedText(help_text="What the phone answered, as spoken"),
    "reply": SealedJSON(help_text="The reply from which the TwiML is rendered again"),
    "state": SealedJSON(),
}
CORRECTION = {"words": SealedText()}
REVIEW = {"note": SealedText(default="")}
UTTERANCE = {"text": SealedText(help_text="Names, dates, numbers and addresses replaced by placeholders")}


def _columns(*names):
    return {name: f"sealed_{name}" for name in names}


def _by_id(row):
    return str(row["id"])


def _rules(row, key):
    return word_digests([one["rule"] for one in row["findings"]], key)


PLANS = (
    Plan("calls_call", _columns("from_number"), _by_id, made={"number_index": number_index("from_number")}),
    Plan(
        "calls_turn",
        _columns("words", "digits", "findings", "filled", "said", "reply", "state"),
        lambda row: f"{row['call_id']} {row['n']}",
        reads=("call_id", "n"),
        made={"rule_index": _rules},
    ),
    Plan("calls_correction", _columns("words"), _by_id),
    Plan("calls_review", _columns("note"), _by_id),
    Plan("calls_utterance", _columns("text"), _by_id),
)
