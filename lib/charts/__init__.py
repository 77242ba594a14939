"""Geometry of the charts that the server draws: pure functions from numbers to SVG coordinates.

Coordinates leave this package as strings ("12.5"), so that no template can print them with a decimal comma.
"""
