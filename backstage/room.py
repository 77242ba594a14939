"""What backstage offers: help in the palette."""

from typing import Any

from django.http import HttpRequest

from backstage.demo.network import DemoNetwork
from backstage.help import palette_items
from lib.room import Room


def find_help(_request: HttpRequest, words: str) -> list[dict[str, Any]]:
    """Pages of help for these words."""
    return [*palette_items(words)]


room = Room(name="backstage", palette_finders=[find_help], networks=[DemoNetwork])
