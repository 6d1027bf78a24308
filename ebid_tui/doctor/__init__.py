"""`ebid-tui doctor`: looks at everything the program needs, all at once and each with a deadline, and says what to do about it."""
