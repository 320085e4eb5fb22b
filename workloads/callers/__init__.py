"""No server: processes on the lab host that start programs, fork, and write into the trace buffer."""
