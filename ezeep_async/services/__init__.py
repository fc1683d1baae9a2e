"""ezeep's operations, by resource."""
