"""The API's frame: keys and scopes, pages, answers kept for a day, problems, limits, the document. Rooms bring the rest."""
