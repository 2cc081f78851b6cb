"""Moving to another union, as the member: by the new place of work, or with the code of the new union."""
