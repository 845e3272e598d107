"""Installing, starting and watching over Handrail on one machine."""
