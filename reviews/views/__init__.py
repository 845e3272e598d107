"""The pages of reviews: each checks access, calls one verb, answers."""
