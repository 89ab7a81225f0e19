"""Inputs that must be refused, with the field and the words that tell the way out. Used with and without a cluster."""
