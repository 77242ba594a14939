"""What the room of emails offers: blocks, the brand's look, pictures."""

from lib.room import Room

room = Room(name="emails")
