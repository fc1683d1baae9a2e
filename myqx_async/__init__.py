"""MyQ X Print Server and Central Server."""
