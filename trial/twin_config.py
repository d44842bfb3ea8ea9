"""What the twin is told about the demo's line."""

from typing import Any

from trial.folder import DataFolder
from trial.options import Options

HOOKS = {"message_url": "message", "status_url": "status", "voice_url": "voice", "call_status_url": "call_status"}
RETRIES = "#rc=5&rp=all"  # as `doctor --fix` sets them at Twilio
FALLBACKS = {"message_fallback_url": "message", "voice_fallback_url": "voice"}


def write_twin_config(folder: DataFolder, options: Options) -> None:
    """Connect the demo's number to this start's addresses."""
    folder.write("twin.json", twin_config(folder.read("demo.json"), options))


def twin_config(demo: dict[str, Any], options: Options) -> dict[str, Any]:
    """Webhooks are signed for the public address and delivered to this machine."""
    hooks = f"{options.public}/hooks/twilio/{demo['line']}"
    number = {"number": demo["number"], "name": "Maple Street"}
    number |= {key: f"{hooks}/{hook}{RETRIES}" for key, hook in HOOKS.items()}
    number |= {key: f"{hooks}/{hook}" for key, hook in FALLBACKS.items()}
    account = {"sid": demo["account_sid"], "auth_token": demo["auth_token"], "numbers": [number]}
    return {"accounts": [account], "deliver_to": options.address}
