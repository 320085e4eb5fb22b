"""What `bin/lab` does until it is `python -m lab`. The standard library alone: nothing is installed yet."""
