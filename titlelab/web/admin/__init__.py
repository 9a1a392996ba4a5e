"""Every ModelAdmin; imported here so that Django finds them."""
