"""Figures, as ratios measured within one run. `docs/performance.md` says how and what came out."""
