"""A JSON Schema for each event, and beside it the module that checks a document against it, generated from it."""
