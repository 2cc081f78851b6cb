"""Administrative divisions of China, from province to village and community.

Owns the divisions with their statistical codes (GB/T 2260 and the codes of the National Bureau of Statistics below the
county: 2, 4, 6, 9 and 12 digits), the edition that is loaded, and how a division is found, named and placed. A code is
its own path: the division above is a prefix of it, so there is no parent column and no tree to keep.

Does not own who answers for a region (organizations), nor anybody's address. May import the kernel, records and
messages only.
"""
