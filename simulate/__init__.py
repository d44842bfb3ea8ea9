"""The whole stack under load while things break, and an oracle that says what became of every text."""
