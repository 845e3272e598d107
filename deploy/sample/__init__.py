"""The sample workspace: a bank's support desk that runs on real questions."""
