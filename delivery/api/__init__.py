"""The API's operations about emails: have one sent to one person, what became of each, who sends."""
