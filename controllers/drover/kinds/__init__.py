"""What happens: for each kind, what is read, what is decided, and what is reported."""
