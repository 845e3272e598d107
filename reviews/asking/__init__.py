"""What a review point can ask besides approving or rejecting: a typed form, own outcomes, and sending back."""
