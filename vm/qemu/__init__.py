"""One emulated machine: how it is started, watched, captured, restored and stopped."""
