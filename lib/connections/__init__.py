"""Connections to addresses that somebody else wrote: the one door by which they are opened, and what is spoken over them."""
