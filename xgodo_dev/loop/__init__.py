"""The loop: a save is checked, pushed, bundled, launched, and its logs come back."""
