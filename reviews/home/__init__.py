"""What home shows: the day in figures, what runs now, what somebody answers for."""
