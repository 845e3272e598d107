"""What the pages of runs show: where a run stands, how its time went, what each step did."""
