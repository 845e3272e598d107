"""Tests of a workflow as one file."""
