"""What really happened in a run: worked out of the recorders and the ledger, never of a tracer's report."""
