"""What the rooms above hear from the keystore."""

from django.dispatch import Signal

# level ("root" or "center"), count: so many keys were moved under a new one
keys_rotated = Signal()
