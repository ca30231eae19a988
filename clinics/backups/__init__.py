"""One clinic alone: kept safe, proved, brought back, handed over, and closed for good."""
