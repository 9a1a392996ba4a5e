"""What templates say in the reader's language; built in, no template loads it."""
