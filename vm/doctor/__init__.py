"""What keeps the lab from working here, and the command that repairs it: facts first, then pure checks."""
