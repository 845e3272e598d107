"""Telling people: `tell` writes what they are to be told beside what it is about, and the clock sends it."""

from reviews.notices.telling import ask, tell

__all__ = ["ask", "tell"]
