"""Decides whether a tracer is right. Knows no host, no workload and no exercise by name."""
