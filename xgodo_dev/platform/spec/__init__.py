"""Every documented endpoint, once: the specs of both platforms, and how they are read.

Clients, commands and the emulator are made from, or held against, the same two OpenAPI documents.
"""
