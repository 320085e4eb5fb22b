"""`lab dev bench`: how long the lab's own work takes, as ratios of things measured in the same run."""
