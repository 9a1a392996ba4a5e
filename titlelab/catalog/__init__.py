"""What is sold: catalogs, products, and the files they come from."""
