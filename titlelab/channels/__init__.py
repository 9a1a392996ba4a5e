"""Where titles are published, and what each place demands of a title."""
