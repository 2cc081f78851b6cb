"""People by the million, distributed like real ones, and a province of unions and employers for them to join."""
