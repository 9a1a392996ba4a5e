"""JSON of Label Studio to values and back; pure."""
