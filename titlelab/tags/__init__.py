"""What a product may be called: tag libraries and their tags."""
