"""The toolkit and sync daemon for people who automate Android phones on Xgodo."""

__version__ = "0.1.0"
