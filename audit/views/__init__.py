"""The pages of audit: each checks access, calls one verb, answers."""
