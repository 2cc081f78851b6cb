"""Mobile events at the desk: programs, events, the door, photos."""
