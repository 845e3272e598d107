"""Years of simulated reviewers, of whom the truth is known, held against what the reports say of them."""
