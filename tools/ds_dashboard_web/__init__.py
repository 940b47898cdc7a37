"""`ds-dashboard web`: the pages of a hub in a browser, with the reader's own credentials, on this machine only."""
