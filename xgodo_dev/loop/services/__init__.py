"""The daemon as a service of this user: started at login, and again when it fails."""
