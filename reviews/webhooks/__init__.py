"""Webhooks that go out: other systems are told what becomes of reviews, signed, and as often as it takes."""
