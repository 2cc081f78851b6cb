"""Partners at the desk: contracts, places, devices, people, and what was done."""
