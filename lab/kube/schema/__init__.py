"""JSON Schemas of the Kubernetes objects that a lab takes. No code belongs here."""
