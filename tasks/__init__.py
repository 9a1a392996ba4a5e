"""Celery tasks: thin callers of titlelab; each may be delivered twice."""
