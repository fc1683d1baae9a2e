"""MyQ X's operations, by resource."""
