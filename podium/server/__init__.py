"""
The server: Conductor's REST API over an engine in this process, for workers and clients in any language.

`podium.server.app` is the ASGI application, `podium.server.resources` the tables of what it answers,
`podium.server.serving` the process that listens. Nothing of it is imported where no server is asked for.
"""
