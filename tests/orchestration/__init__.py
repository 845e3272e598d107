"""The engine and what stands around it."""
