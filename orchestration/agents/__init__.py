"""Agents that have a name: their texts, who changes them, who signs a version, and who switches them off."""
