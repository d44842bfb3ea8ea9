"""Which path is answered by what."""

from aiohttp import web

from twin.rest import calls, lookups, media, messages, numbers, recordings

BASE = "/2010-04-01/Accounts/{account}"
MESSAGE = BASE + "/Messages/{message:[A-Za-z0-9]+}"
MEDIA = MESSAGE + "/Media/{media:[A-Za-z0-9]+}"
NUMBERS = BASE + "/IncomingPhoneNumbers"
OF_CALL = BASE + "/Calls/{call}/Recordings/{recording:[A-Za-z0-9]+}.json"
RECORDING = BASE + "/Recordings/{recording:[A-Za-z0-9]+}"


def routes() -> list[web.RouteDef]:
    """Return the routes of the REST API."""
    return [
        web.get("/2010-04-01/Accounts/{account:[A-Za-z0-9]+}.json", numbers.account),
        web.post(BASE + "/Messages.json", messages.create),
        web.get(BASE + "/Messages.json", messages.listing),
        web.get(MESSAGE + ".json", messages.fetch),
        web.post(MESSAGE + ".json", messages.update),
        web.delete(MESSAGE + ".json", messages.delete),
        web.get(MESSAGE + "/Media.json", media.listing),
        web.get(MEDIA + ".json", media.fetch),
        web.get(MEDIA, media.download),
        web.delete(MEDIA + ".json", media.delete),
        web.get("/media-store/{token}", media.store),
        web.get(NUMBERS + ".json", numbers.listing),
        web.get(NUMBERS + "/{number}.json", numbers.fetch),
        web.post(NUMBERS + "/{number}.json", numbers.update),
        web.get(BASE + "/Calls.json", calls.listing),
        web.get(BASE + "/Calls/{call}.json", calls.fetch),
        web.get(BASE + "/Calls/{call}/Recordings.json", recordings.listing),
        web.get(OF_CALL, recordings.fetch),
        web.delete(OF_CALL, recordings.delete),
        web.get(BASE + "/Recordings.json", recordings.listing),
        web.get(RECORDING + ".json", recordings.fetch),
        web.get(RECORDING, recordings.sound),
        web.get(RECORDING + ".wav", recordings.sound),
        web.get(RECORDING + ".mp3", recordings.sound_as_mp3),
        web.delete(RECORDING + ".json", recordings.delete),
        web.get("/v2/PhoneNumbers/{number}", lookups.fetch),
    ]
