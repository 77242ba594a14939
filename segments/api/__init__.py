"""The API's operations about segments: which there are, how many, who, and why."""
