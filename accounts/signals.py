"""What the rooms above hear from accounts. Both are sent inside the transaction of the change."""

from django.dispatch import Signal

# membership: one person's work in one center is over; what she held goes back to everybody
membership_ended = Signal()

# staff_id: some session of this person may have lost its access; her sockets are looked at again
access_ended = Signal()
