"""Pages: what people look at in a browser, in the report file and in the CloudWatch widget. Nothing here does I/O.

`index.Index` holds what was read of a hub, the modules named after pages make views of it, and `render` makes HTML.
"""
