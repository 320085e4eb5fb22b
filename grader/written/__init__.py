"""Observations and verdicts as files and as text."""
