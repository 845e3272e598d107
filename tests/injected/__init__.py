"""Instructions in what agents read, and a model that follows them all."""
