"""How codes are drawn from a seed: one contract, four priors that keep it, their fitting and their place in a file."""
