"""What the lab side and the programs on the host agree on. Both import it."""
