"""The Central Server's operations, by resource."""
