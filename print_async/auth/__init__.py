"""OAuth 2.0, as both vendors speak it: tokens, grants, when to refresh, and the session that does it."""
