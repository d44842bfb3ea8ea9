from django.utils.crypto import constant_time_compare
from django_otp.models import Device

from accounts.models import Membership
from accounts.sessions import Proof


def member_behind(proof: Proof) -> Membership | None:
    """The membership that a session's proof stands for, inside the scope of its center; two queries.

    None when the work in that center has ended, the password has changed since, or the second
    factor that signed in is gone.
    """
    current = Membership.objects.current().filter(staff=proof.staff_id, center=proof.center_id)
    member = current.select_related("center", "staff", "roster").first()
    if member is None or not constant_time_compare(proof.password_hash, member.staff.get_session_auth_hash()):
        return None
    device = Device.from_persistent_id(proof.device_id)
    is_hers = device is not None and device.user_id == member.staff_id and device.confirmed
    return member if is_hers else None
