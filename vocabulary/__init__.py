"""The few types that packages share which know nothing of each other. The standard library alone."""
