"""How what happens looks: JSON Lines for programs, readable lines for people."""
