"""The commands that talk to AWS, one a file, and those beside them."""
