"""What Label Studio and the workers ask for drafts; knows neither Django nor Celery."""
