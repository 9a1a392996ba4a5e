"""The only package of titlelab that talks to Label Studio."""
