"""Which of the twin's own paths is answered by what."""

from aiohttp import web

from twin.control import mails, phone, sending, settings


def routes() -> list[web.AbstractRouteDef]:
    """Return the twin's own routes."""
    return [
        web.get("/", phone.page),
        web.get("/mail", mails.page),
        web.static("/static", phone.STATIC),
        web.get("/twin/health", settings.health),
        web.get("/twin/config", settings.get_config),
        web.put("/twin/config", settings.put_config),
        web.get("/twin/faults", settings.get_faults),
        web.post("/twin/faults", settings.post_fault),
        web.delete("/twin/faults", settings.delete_faults),
        web.delete("/twin/faults/{fault}", settings.delete_faults),
        web.get("/twin/ledger", settings.get_ledger),
        web.delete("/twin/ledger", settings.delete_ledger),
        web.post("/twin/send", sending.send),
        web.post("/twin/call", sending.call),
        web.post("/twin/call/{call}", sending.move),
        web.post("/twin/raw", sending.raw),
        web.get("/twin/phone", phone.phone),
        web.get("/twin/thread", phone.thread),
        web.post("/twin/people", phone.post_person),
        web.get("/twin/media/{media}", phone.picture),
        web.get("/twin/mails", mails.mails),
        web.get("/twin/events", phone.events),
    ]
