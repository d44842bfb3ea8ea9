"""Who signs the log now, and who did before: keys that took over from one another, each vouched for by the last."""

from audit.models import Checkpoint
from audit.notes import PublicKey, Signer
from encryption.keystore import signing_seeds
from tenancy.scope import in_platform


def public_keys() -> list[PublicKey]:
    """The keys that have signed checkpoints here, the oldest first; before the first checkpoint the one that will."""
    keys = [Signer(seed).public for seed in signing_seeds()]
    if len(keys) == 1:
        return keys
    with in_platform():
        used = set(Checkpoint.objects.order_by().values_list("key_id", flat=True).distinct())
    return [key for key in keys if key.key_id.hex() in used] or keys[-1:]


def public_key() -> PublicKey:
    """What an outsider pins. Prints as a C2SP verifier key."""
    return public_keys()[-1]


def signer_named(key_id: str) -> Signer:
    """The key of ours that signed under this id, as a checkpoint names it; raises `LookupError`."""
    for seed in signing_seeds():
        signer = Signer(seed)
        if signer.public.key_id.hex() == key_id:
            return signer
    raise LookupError("The key of the last checkpoint is not in the keystore.")


def handovers(keys: list[PublicKey]) -> list[str]:
    """For each key after the first, its first checkpoint: signed by it and by the key before it."""
    with in_platform():
        firsts = [Checkpoint.objects.filter(key_id=key.key_id.hex()).order_by("size").first() for key in keys[1:]]
    return [first.note for first in firsts if first]
