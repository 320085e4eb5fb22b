"""The lab host itself: looked at by the doctor, and busy with programs that the driver starts."""
