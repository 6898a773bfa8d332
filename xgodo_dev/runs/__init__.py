"""Runs on devices: choosing devices, launching, following logs to the end, and what is recorded of it all."""
