"""The pages of orchestration: each checks access, calls one verb, answers."""
