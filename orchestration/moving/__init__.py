"""Runs under way go over to another version: first what that comes to for each, in sentences, then the move."""
