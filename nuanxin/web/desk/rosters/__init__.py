"""Rosters at the desk: a union's cadres and an employer's people office enroll many people by one file."""
