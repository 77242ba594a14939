"""The API's operations about files of people: one in, how far it is, what was wrong with which row."""
