"""Wiring: settings, routes, the schedule, who hears which news."""
