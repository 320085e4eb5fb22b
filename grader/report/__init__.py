"""The tracer's report: how it is read, and its fields."""
