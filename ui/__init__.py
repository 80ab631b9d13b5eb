"""Who sees it: the command line, the HTTP server, the pages. Nothing imports this layer."""
