"""Sending the person at the terminal to a sign-in page."""

import webbrowser

import typer


def open_browser(url: str) -> None:
    """Open a URL in the person's browser, and show it, in case there is none that can be opened from here."""
    typer.echo(f"Sign in in the browser. If none opens, open this on this machine:\n\n  {url}\n", err=True)
    webbrowser.open(url)
