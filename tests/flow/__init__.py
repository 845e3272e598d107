"""Stories of runs: each step kind, each join, each way to fail, from the start of a run to its end."""
