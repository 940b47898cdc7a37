"""Files of history, written row by row."""
