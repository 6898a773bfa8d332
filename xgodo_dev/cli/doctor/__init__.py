"""`xgodo-dev doctor`: facts are gathered, each part is decided from them, and what can be mended is."""
