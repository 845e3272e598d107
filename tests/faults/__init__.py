"""Faults that Handrail must survive: short here, at full load by `make faults`."""
