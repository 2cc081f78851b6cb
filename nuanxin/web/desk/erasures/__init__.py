"""What is held for how long, what would be erased on a day, and what was."""
