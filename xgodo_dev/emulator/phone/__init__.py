"""The simulated phone: its screen, and the engine that runs programs on it."""
