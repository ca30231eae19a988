"""Fire drills: a made-up emergency goes the true way until a person has acknowledged it."""
