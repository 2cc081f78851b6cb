"""Following an application: by its secret link, or by number and phone."""
