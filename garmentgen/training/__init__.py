"""Training: the one-page loop, its steps, the averaged weights, the log and the resumable state."""
