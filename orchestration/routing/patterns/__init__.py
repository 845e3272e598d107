"""Patterns that the people of a workspace set: what they know of their own numbers and names raises a data class too.

Read `reading -> looking -> keeping`: what a pattern is, which are on at this moment, and how people set them.
"""
