"""Whether what must be told is told: measured, judged against limits, and raised as incidents."""
