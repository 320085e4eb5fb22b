"""One folder a workload: what serves the traffic, how it comes up on a lab host, how it is driven."""
