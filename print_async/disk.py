"""What it takes for a file to be on the disk for good."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Have what was made or renamed in a folder written to the disk: that is in the folder, not in the file."""
    if os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
