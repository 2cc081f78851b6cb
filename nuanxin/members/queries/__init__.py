"""Reading about people: every function starts at what the actor may see."""
