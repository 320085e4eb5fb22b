"""The jail in which a tracer runs, from outside: how it is made, entered and left."""
