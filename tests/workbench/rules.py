"""Rules of a clinic's own, and words that only they catch."""

from calls.workbench.composing import Draft

CAUGHT = "my jaw is swollen"
ABSCESS = Draft(
    sort="added",
    kind="emergency",
    title="Tooth abscess",
    source="Agreed with the oral surgeon",
    language="en",
    reason="tooth abscess",
    parts=(("tooth", "jaw", "wisdom tooth"), ("abscess", "swollen")),
    how="near",
    unless=("dentist",),
    fires=("there is an abscess on my tooth", CAUGHT),
    quiet=("my tooth is fine",),
)
RAISABLE = "en.fracture"
RAISED = Draft(sort="raised", kind="emergency", title="Fracture", source="A clinic for the old", rule=RAISABLE)
