"""How good is a garment? Figures, yardsticks and sheets; `evaluate.evaluate` does all of it, `command` from files."""
