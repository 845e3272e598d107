"""Measurements: `make bench`. One JSON object a line, and a table at the end. Nothing here passes or fails."""
