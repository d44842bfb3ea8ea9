"""What the rooms above hear from accounts. Both are sent inside the transaction of the change."""

from django.dispatch import Signal

# membership: one person answers no longer in one center; what she held goes back to everybody
gives_up_conversations = Signal()

# staff_id: some session of this person may have lost its access; her sockets are looked at again
access_ended = Signal()
