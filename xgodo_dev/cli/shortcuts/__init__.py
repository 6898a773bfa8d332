"""Everyday work that takes more than one request: each command in a module of its own."""
