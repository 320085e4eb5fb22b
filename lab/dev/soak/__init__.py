"""How often a right tracer is rejected and a wrong one accepted, over many traffic runs."""
