"""The signed-in worker: sign-in, card and code, and what is held about oneself."""
