"""Wild inputs at every door: each case comes from its seed and its number alone, so any of them can be replayed."""
