"""The twin's own paths: its settings, its ledger, its faults, and the phone."""
