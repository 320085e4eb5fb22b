"""The resident recorder: its eBPF programs, its service, and who asks it."""
