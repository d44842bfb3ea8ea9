"""The parameters of every webhook, named and ordered as Twilio sends them."""

from twin.formats import carrier_time, country, rfc2822
from twin.records import Call, Leg, Media, Message, Recording
from twin.world import now

API_VERSION = "2010-04-01"
API_ORIGIN = "https://api.twilio.com"


def of_inbound(message: Message, media: list[Media], opt_out_type: str = "") -> dict[str, str]:
    """Return what Twilio posts when a text comes in."""
    params = {"ToCountry": country(message.line)}
    params |= {f"MediaContentType{n}": item.content_type for n, item in enumerate(media)}
    params |= {"ToState": "", "SmsMessageSid": message.sid, "NumMedia": str(len(media)), "ToCity": ""}
    params |= {"FromZip": "", "SmsSid": message.sid, "FromState": "", "SmsStatus": "received"}
    params |= {"FromCity": "", "Body": message.body, "FromCountry": country(message.person)}
    params |= {"To": message.line}
    if message.service:
        params["MessagingServiceSid"] = message.service
    params |= {"ToZip": "", "NumSegments": str(message.segments), "MessageSid": message.sid}
    params |= {"AccountSid": message.account, "From": message.person}
    params |= {f"MediaUrl{n}": media_url(item) for n, item in enumerate(media)}
    params["ApiVersion"] = API_VERSION
    if opt_out_type:
        params["OptOutType"] = opt_out_type
    return params


def media_url(media: Media) -> str:
    """Return the address under which Twilio offers a file."""
    return f"{API_ORIGIN}/{API_VERSION}/Accounts/{media.account}/Messages/{media.message}/Media/{media.sid}"


def of_status(message: Message, status: str, error: int | None) -> dict[str, str]:
    """Return what Twilio posts when the status of a text changes."""
    params = {"ErrorCode": str(error)} if error else {}
    if status in {"delivered", "undelivered"}:
        params["RawDlrDoneDate"] = carrier_time(now())
    params |= {"SmsSid": message.sid, "SmsStatus": status, "MessageStatus": status, "To": message.person}
    if message.service:
        params["MessagingServiceSid"] = message.service
    sender = {"MessageSid": message.sid, "AccountSid": message.account, "From": message.line}
    return params | sender | {"ApiVersion": API_VERSION}


def of_call(call: Call) -> dict[str, str]:
    """Return what every webhook of a call carries."""
    return _parties(called=call.line, caller=call.person) | {
        "Direction": "inbound",
        "CallSid": call.sid,
        "CallStatus": call.status,
        "AccountSid": call.account,
        "ApiVersion": API_VERSION,
    }


def of_ringing(call: Call) -> dict[str, str]:
    """Return what Twilio posts when a call comes in."""
    return of_call(call) | {"StirVerstat": "TN-Validation-Passed-A", "CallToken": f"twin-{call.sid}"}


def of_dial(call: Call, leg: Leg | None, status: str, *, bridged: bool) -> dict[str, str]:
    """Return what a Dial's action is told."""
    params = of_call(call) | ({"DialCallSid": leg.sid} if leg else {}) | {"DialCallStatus": status}
    if leg and status == "completed":
        params["DialCallDuration"] = str(leg.length)
    return params | {"DialBridged": "true" if bridged else "false"}


def of_leg(leg: Leg) -> dict[str, str]:
    """Return what a webhook about one of the center's own phones carries."""
    params = _parties(called=leg.number, caller=leg.caller_id)
    return params | {
        "Direction": "outbound-dial",
        "CallSid": leg.sid,
        "ParentCallSid": leg.call,
        "CallStatus": leg.status,
        "AccountSid": leg.account,
        "ApiVersion": API_VERSION,
    }


def of_leg_status(leg: Leg) -> dict[str, str]:
    """Return what a Number's status callback is told, at the stages it asked for."""
    return of_leg(leg) | _progress(leg.ended or now(), leg.status, leg.reports, leg.length if leg.ended else None)


def recording_url(recording: Recording) -> str:
    """Return the address under which Twilio offers a recording."""
    return f"{API_ORIGIN}/{API_VERSION}/Accounts/{recording.account}/Recordings/{recording.sid}"


def of_record(call: Call, recording: Recording, ended_by: str) -> dict[str, str]:
    """Return what a Record's action is told: `hangup` when the caller has hung up, else the key that ended it."""
    return of_call(call) | {
        "RecordingUrl": recording_url(recording),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.seconds),
        "Digits": ended_by,
    }


def of_recording(recording: Recording) -> dict[str, str]:
    """Return what is posted when the file of a recording is ready, or when there is none."""
    told = {
        "RecordingSource": "RecordVerb",
        "RecordingSid": recording.sid,
        "RecordingUrl": recording_url(recording),
        "RecordingStatus": recording.status,
        "RecordingChannels": "1",
        "ErrorCode": "0",
        "CallSid": recording.call,
        "RecordingStartTime": rfc2822(recording.created) or "",
        "AccountSid": recording.account,
    }
    return told | ({"RecordingDuration": str(recording.seconds)} if recording.status == "completed" else {})


def of_call_end(call: Call) -> dict[str, str]:
    """Return what a number's status callback is told when a call is over."""
    return of_call(call) | _progress(call.ended or now(), call.status, 0, call.length)


def _progress(moment: float, status: str, number: int, seconds: int | None) -> dict[str, str]:
    told = {
        "Timestamp": rfc2822(moment) or "",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(number),
    }
    if seconds is None:
        return told
    length = {"Duration": str(-(-seconds // 60)), "CallDuration": str(seconds)}
    return told | length | {"SipResponseCode": SIP.get(status, "200")}


def _parties(*, called: str, caller: str) -> dict[str, str]:
    params: dict[str, str] = {}
    for role, number in (("Called", called), ("To", called), ("Caller", caller), ("From", caller)):
        params[role] = number
        params |= {f"{role}{place}": "" for place in ("City", "State", "Zip")}
        params[f"{role}Country"] = country(number)
    return params


SIP = {"busy": "486", "no-answer": "487", "failed": "500", "canceled": "487"}
