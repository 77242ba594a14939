"""The API's operations about people: who they are, how they are recognised, what is known of them, who is one with whom."""
