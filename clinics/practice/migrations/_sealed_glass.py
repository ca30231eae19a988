"""What the migrations 0016 to 0018 share: the sealed fields of a broken glass, and how its rows are sealed. Frozen."""

from clinics.sealing.fields import SealedText
from clinics.sealing.migrating import Plan

GLASS = {
    "words": SealedText(help_text="Why, in the person's own words", max_length=300),
    "review_words": SealedText(default="", max_length=300),
}
PLAN = Plan(
    "practice_brokenglass",
    {name: f"sealed_{name}" for name in GLASS},
    lambda row: str(row["id"]),
)
