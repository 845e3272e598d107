"""Agents: turn by turn, every call a step of its own."""
