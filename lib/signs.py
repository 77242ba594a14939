"""A sign of the product: what the drawings of lib take by its name, without knowing what it means."""

from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Sign:
    """A shape, a word and a colour; its name is the class in style sheets that holds the colour."""

    name: str
    label: Text
    shape: str  # SVG in a box of 10 by 10, safe
