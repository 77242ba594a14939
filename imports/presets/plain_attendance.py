"""A list of an event of no program we know: who registered, who came, in English or German."""

from imports.presets.base import Preset

PRESET = Preset(
    name="attendance",
    label="CSV, attendance",
    holds="attendance",
    columns={
        name: target
        for target, names in {
            "visit_event": "event|event name|event title|session|webinar|veranstaltung|veranstaltungsname|termin|kurs",
            "visit_at": "event date|event start|start|starts at|date|visited at|attended at|check-in time|datum|"
            "veranstaltungsdatum|beginn|besucht am|termin am",
            "visit_registered_at": "registered at|registration date|registered on|order date|booked at|angemeldet am|"
            "anmeldedatum|gebucht am|buchungsdatum",
            "visit_status": "status|attendance|attendance status|attendee status|registration status|attended|attended?|"
            "checked in|checked in?|rsvp|teilnahme|teilgenommen|anwesend|anmeldestatus|erschienen",
            "visit_ticket": "ticket|ticket type|ticket name|ticketart|karte|kategorie",
            "visit_ticket_number": "ticket number|ticket no|ticket id|attendee #|barcode|ticketnummer",
            "external_id": "customer number|customer id|user_id|kundennummer",
            "phone": "phone|telefon|mobile|handy",
            "name": "attendee|attendee name|participant|teilnehmer|teilnehmerin|teilnehmer:in",
        }.items()
        for name in names.split("|")
    },
)
