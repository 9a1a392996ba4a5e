"""FastAPI: what is answered over HTTP, and the models in memory that answer it."""
