"""The lab host's disk, kernel and first program: built here, or imported ready-made."""
