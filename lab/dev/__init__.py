"""What authors need: the matrix of an exercise, the test stages, soak and bench."""
