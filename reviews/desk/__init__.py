"""The reviewer's desk: the queue, the item beside it, and what its forms send."""
