"""The bodies of Twilio's resources: its names, its types, its formats."""

from typing import Any

from twin.config import Account, Number
from twin.formats import national, rfc2822
from twin.params import API_VERSION, recording_url
from twin.plans import ERRORS
from twin.records import Call, Leg, Media, Message, Recording
from twin.world import now

UNSENT = frozenset({"accepted", "scheduled"})


def account_uri(account: str) -> str:
    return f"/{API_VERSION}/Accounts/{account}"


def message_body(message: Message) -> dict[str, Any]:
    """Return one Message resource."""
    uri = f"{account_uri(message.account)}/Messages/{message.sid}"
    person, line = message.person, None if message.status in UNSENT else message.line
    return {
        "account_sid": message.account,
        "api_version": API_VERSION,
        "body": "" if message.redacted else message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error,
        "error_message": ERRORS.get(message.error, "Unknown error") if message.error else None,
        "from": person if message.inbound else line,
        "messaging_service_sid": message.service,
        "num_media": str(len(message.media) or len(message.media_urls)),
        "num_segments": "0" if message.status in UNSENT else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.line if message.inbound else person,
        "uri": f"{uri}.json",
    }


def media_body(media: Media) -> dict[str, Any]:
    """Return one Media resource."""
    uri = f"{account_uri(media.account)}/Messages/{media.message}/Media/{media.sid}.json"
    return {
        "account_sid": media.account,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created),
        "date_updated": rfc2822(media.created),
        "parent_sid": media.message,
        "sid": media.sid,
        "uri": uri,
    }


def number_body(number: Number, since: float) -> dict[str, Any]:
    """Return one IncomingPhoneNumber resource."""
    return {
        "account_sid": number.account,
        "address_requirements": "none",
        "address_sid": None,
        "api_version": API_VERSION,
        "beta": False,
        "bundle_sid": None,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": rfc2822(since),
        "date_updated": rfc2822(since),
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": number.name,
        "identity_sid": None,
        "origin": "twilio",
        "phone_number": number.number,
        "sid": number.sid,
        "sms_application_sid": None,
        "sms_fallback_method": "POST",
        "sms_fallback_url": number.message_fallback_url,
        "sms_method": "POST",
        "sms_url": number.message_url,
        "status": "in-use",
        "status_callback": number.call_status_url,
        "status_callback_method": "POST",
        "trunk_sid": None,
        "type": "local",
        "uri": f"{account_uri(number.account)}/IncomingPhoneNumbers/{number.sid}.json",
        "voice_application_sid": None,
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": number.voice_fallback_url,
        "voice_method": "POST",
        "voice_receive_mode": "voice",
        "voice_url": number.voice_url,
    }


def call_body(call: Call, number: Number | None) -> dict[str, Any]:
    """Return one Call resource."""
    shown = _call_body(call, sender=call.person, to=call.line)
    return shown | {"direction": "inbound", "phone_number_sid": number.sid if number else None}


def leg_body(leg: Leg) -> dict[str, Any]:
    """Return the Call resource of a phone that a Dial rang."""
    shown = _call_body(leg, sender=leg.caller_id, to=leg.number)
    return shown | {"direction": "outbound-dial", "parent_call_sid": leg.call}


def _call_body(call: Call | Leg, *, sender: str, to: str) -> dict[str, Any]:
    uri = f"{account_uri(call.account)}/Calls/{call.sid}"
    return {
        "account_sid": call.account,
        "answered_by": None,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.ended or call.created),
        "duration": str(call.length) if call.ended else None,
        "end_time": rfc2822(call.ended),
        "forwarded_from": None,
        "from": sender,
        "from_formatted": national(sender),
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(call.created),
        "status": call.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json", "events": f"{uri}/Events.json"},
        "to": to,
        "to_formatted": national(to),
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def recording_body(recording: Recording) -> dict[str, Any]:
    """Return one Recording resource."""
    uri = f"{account_uri(recording.account)}/Recordings/{recording.sid}"
    return {
        "account_sid": recording.account,
        "api_version": API_VERSION,
        "call_sid": recording.call,
        "channels": 1,
        "conference_sid": None,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.created),
        "duration": str(recording.seconds),
        "encryption_details": None,
        "error_code": None,
        "media_url": recording_url(recording),
        "price": None,
        "price_unit": "USD",
        "sid": recording.sid,
        "source": "RecordVerb",
        "start_time": rfc2822(recording.created),
        "status": "completed" if now() >= recording.ready else "processing",
        "subresource_uris": {"transcriptions": f"{uri}/Transcriptions.json"},
        "uri": f"{uri}.json",
    }


def call_recording_body(recording: Recording) -> dict[str, Any]:
    """Return the same recording as a part of its call."""
    whole = recording_body(recording)
    uri = f"{account_uri(recording.account)}/Calls/{recording.call}/Recordings/{recording.sid}.json"
    kept = {name: value for name, value in whole.items() if name not in {"media_url", "subresource_uris"}}
    return kept | {"track": "inbound", "uri": uri}


def account_body(account: Account, since: float) -> dict[str, Any]:
    """Return the Account resource; the token is never shown."""
    uri = account_uri(account.sid)
    return {
        "auth_token": None,
        "date_created": rfc2822(since),
        "date_updated": rfc2822(since),
        "friendly_name": account.name,
        "owner_account_sid": account.sid,
        "sid": account.sid,
        "status": "active",
        "subresource_uris": {"messages": f"{uri}/Messages.json", "calls": f"{uri}/Calls.json"},
        "type": "Full",
        "uri": f"{uri}.json",
    }
