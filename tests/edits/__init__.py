"""Timed edits between an approval and the act: what arrives is what somebody approved, or nothing does."""
