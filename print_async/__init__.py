"""The vendor-neutral core: auth session, transports, paging, batch, errors."""
