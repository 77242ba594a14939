"""Around every page: who asks, headers, compression, static files, uploads, the cache, htmx, how forms look."""
