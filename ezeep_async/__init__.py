"""ezeep Blue."""
