"""Asking the lab host's kernel: programs and maps, probes, the trace buffer, cgroups."""
