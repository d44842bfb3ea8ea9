"""Who may come in: centers, staff, what they may do there, and how they prove who they are."""

from accounts.models.attempts import Attempts
from accounts.models.center import Center
from accounts.models.factors import RecoveryCode, RecoverySet, TotpDevice
from accounts.models.invitation import Invitation
from accounts.models.kept_form import KeptForm
from accounts.models.known_device import KnownDevice, Sound
from accounts.models.mail_trouble import MailTrouble
from accounts.models.membership import Membership
from accounts.models.passkeys import Passkey, SpentChallenge
from accounts.models.recovery import Recovery
from accounts.models.roster import Roster
from accounts.models.staff import Staff
from accounts.roles import Role

__all__ = [
    "Attempts",
    "Center",
    "Invitation",
    "KeptForm",
    "KnownDevice",
    "MailTrouble",
    "Membership",
    "Passkey",
    "Recovery",
    "RecoveryCode",
    "RecoverySet",
    "Role",
    "Roster",
    "Sound",
    "SpentChallenge",
    "Staff",
    "TotpDevice",
]
