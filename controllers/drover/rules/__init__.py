"""What is true: pure functions over values. No I/O, no clock."""
