"""A language model asked what a caller meant, where the rules did not understand. It proposes, the rules decide."""
