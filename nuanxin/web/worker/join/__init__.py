"""Three steps, five fields: who I am, where I work, where it goes."""
