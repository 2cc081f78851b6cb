"""Reviewing at the desk: the queue, the application, decisions one by one and in batches, phones to be released."""
