"""What to send, and sending it without ever losing an edit."""
