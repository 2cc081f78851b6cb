"""Forming unions at the desk: what licensing systems reported, and whom it invited."""
