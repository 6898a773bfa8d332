"""A terminal with a person at it: single keys, a choice, and a line that stays at the bottom."""
