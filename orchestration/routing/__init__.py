"""Model routing: which model does a step, why that one, and what is left when it fails.

Read in the order of the data: `policy` (what a step asks for), `candidates` (what the catalog offers), `asked` (one
question), `filters`, `scores`, `deciding` (the decision, pure), `reserving` with `budgets`, `calling` (down the list)
with `limits` and `cooling`, `keeping` (the record).
"""
