"""Stands in for a browser: goes where a URL leads, redirects included, and is done. No test, but run by one."""

import os
import ssl
import sys
import urllib.request

authority = os.environ.get("MYQX_CA_FILE")
context = ssl.create_default_context(cafile=authority) if authority else None
with urllib.request.urlopen(sys.argv[1], context=context) as page:  # noqa: S310 - of the test's own servers
    page.read()
