"""What tools/coverage.py is made of."""
