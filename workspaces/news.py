"""What others may hear from the ground floor."""

from lib.news import News

# workspace: told inside the new workspace, so that rooms bring their defaults.
workspace_founded = News("workspace_founded", "workspace")

# user_id, role: somebody plays another role in the open workspace from now on; "": none, they are out.
membership_changed = News("membership_changed", "user_id", "role")
