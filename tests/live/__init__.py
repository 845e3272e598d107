"""The live line, over a real socket to a real web process."""
