"""The invented people whose phones the page shows. Numbers under 555-01xx are kept for fiction."""

from dataclasses import dataclass


@dataclass(slots=True)
class Person:
    """Somebody with a phone, and how texts reach it."""

    number: str
    name: str = ""
    plan: str = ""  # empty: as the center's number or the delivery settings say
    line_type: str = "mobile"  # as Lookup names it
    language: str = "en"
    note: str = ""  # what the page says under the name
    reassigned: str = "no"  # yes, no, no_data_available


INVENTED = (
    Person("+16145550101", "Maya", note="Writes short texts"),
    Person("+16145550102", "Lucía", language="es", note="Writes in Spanish"),
    Person("+16145550103", "Renee", note="Her carrier never confirms", plan="sent_only"),
    Person("+16145550104", "Dana", note="Her phone is often off", plan="undelivered_30003"),
    Person("+16145550105", "Mrs. Okafor", line_type="landline", note="A landline", plan="landline_30006"),
    Person("+16145550106", "Jo", note="Receipts come twice", plan="doubled"),
)
