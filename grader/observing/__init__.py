"""A run on a lab host: tracers started, traffic driven, everything noted in an Observation."""
