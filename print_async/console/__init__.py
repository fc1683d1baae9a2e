"""What the command lines share: how they run, what they show, and what they remember. Needs the extra `cli`."""
