"""What makes the record provable: the tree over it, signed checkpoints, where they are put, and proofs from them."""
