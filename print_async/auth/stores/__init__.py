"""Where tokens outlive the session that fetched them."""
