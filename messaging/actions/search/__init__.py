"""Search by opening and looking, newest first: there is no index of words (DESIGN 5)."""
