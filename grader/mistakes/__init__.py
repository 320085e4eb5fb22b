"""Wrong ideas that several exercises know: whose calls a filter lets through, and which returns are data.

An exercise's own are the files in its `mistakes/`: the name is the cause, the docstring's first line says
what such a tracer does, the rest where to look, and `numbers` computes what it would print.
"""
