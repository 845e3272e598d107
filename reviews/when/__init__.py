"""When and whether people are asked: calendars, business hours, the clock's steps on a review, blind second reviews."""
