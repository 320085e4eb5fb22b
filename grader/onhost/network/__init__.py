"""A network of its own for one tracer, and the frames that are sent into it."""
