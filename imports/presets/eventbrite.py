"""Eventbrite's attendee report: a row for each ticket, with what became of it; guests may share the buyer's address."""

from dataclasses import dataclass

from imports.presets.base import Preset


@dataclass(frozen=True)
class Eventbrite(Preset):
    """Known by the status of each attendee beside the order; its date of the event stands only in some reports."""

    def fits(self, file_name: str, header: list[str]) -> bool:
        names = {name.lower() for name in header}
        return {"attendee status", "ticket type"} <= names and bool(names & {"order date", "order no.", "order #"})


PRESET = Eventbrite(
    name="eventbrite",
    label="Eventbrite, attendees",
    holds="attendance",
    columns={
        "event name": "visit_event",
        "event start date": "visit_at",
        "event start date and time": "visit_at",
        "event date": "visit_at",
        "order date": "visit_registered_at",
        "attendee status": "visit_status",
        "ticket type": "visit_ticket",
        "attendee #": "visit_ticket_number",
        "attendee no.": "visit_ticket_number",
        "barcode #": "visit_ticket_number",
        "first name": "given_name",
        "surname": "family_name",
        "last name": "family_name",
        "email": "email",
        "cell phone": "phone",
        "mobile phone": "phone",
        "home city": "city",
        "home country": "country",
    },
)
