"""Days, moments and stretches of time: their one range, what a clock on the wall shows, how they are typed and said."""
