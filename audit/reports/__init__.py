"""Reports: figures and charts, worked out from the ledger alone."""
