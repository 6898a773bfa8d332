"""Makes ``docs/first-minute.svg``, the recording in the README, from the real program: ``make recording``."""
