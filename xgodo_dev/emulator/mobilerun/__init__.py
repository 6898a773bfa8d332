"""Mobilerun's platform API, emulated: cloud phones, and an agent that only pretends to act on them."""
