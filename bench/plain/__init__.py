"""A plain model with the plain columns of a roster: what an import library is measured on."""
