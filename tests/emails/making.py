"""Blocks for tests."""

import msgspec

from emails.blocks.base import Block
from emails.blocks.kinds import AnyBlock

SEVERAL = (
    {"kind": "brand", "note": "Advent, 24 teas"},
    {"kind": "heading", "text": 'Hello {{ contact.first_name | default: "you & yours" }}'},
    {"kind": "text", "html": '<p>Not <a href="https://kettle.example/tea?a=1&amp;b=2">three</a> minutes.</p>'},
    {"kind": "button", "text": "Choose", "href": "https://kettle.example/box"},
    {"kind": "card", "name": "Gongfu evening", "href": "https://kettle.example/gongfu", "link_text": "Keep a seat"},
    {"kind": "quote", "text": "Four on the first.", "by": "Henrike"},
    {"kind": "columns", "cells": [{"title": "Posted", "html": "<p>by Thursday</p>"}, {"title": "Back"}]},
    {"kind": "divider"},
    {"kind": "scale", "href": "https://kettle.example/how#here", "low": "never", "high": "always"},
    {"kind": "code", "text": "ADVENT24", "note": "until the 24th"},
    {"kind": "raw", "html": '<table><tr><td bgcolor="#ff0000">red</td></tr></table>'},
    {"kind": "social"},
)


def made(*said: dict) -> list[Block]:
    """Blocks as their JSON says, with the ids b1, b2, …"""
    return msgspec.convert([{"id": f"b{number}", **one} for number, one in enumerate(said, 1)], list[AnyBlock])
