"""What a verdict rests on beside the checks: whether a run is evidence, and whose numbers these are."""
