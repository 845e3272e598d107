"""Reading the ledger: finding entries, telling them in sentences, checking them, taking them away."""
