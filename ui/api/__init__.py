"""The HTTP API: one module a group of routes, put together by `ui.server`."""
