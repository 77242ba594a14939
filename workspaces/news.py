"""What others may hear from the ground floor."""

from lib.news import News

# workspace: told inside the new workspace, so that rooms bring their defaults.
workspace_founded = News("workspace_founded", "workspace")
