"""What the READMEs of the exercises state, and the ways to read it wrongly."""
