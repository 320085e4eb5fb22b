"""Raw network frames to an interface of the tracer's own."""
