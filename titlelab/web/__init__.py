"""What is reached over HTTP, and commands that cross layers; holds no rules."""
