"""Pages and the REST API, over aiohttp."""
