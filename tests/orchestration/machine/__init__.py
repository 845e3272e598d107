"""The search through what can happen to runs."""
