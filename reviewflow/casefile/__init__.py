"""The case file: what happened to which child, the cases that look into it, and their record."""
