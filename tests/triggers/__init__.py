"""What starts runs: each kind by its story, then by what it must refuse."""
