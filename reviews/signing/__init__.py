"""Signed decisions: whoever decides shows again who they are, in the same act, for this decision and no other."""
