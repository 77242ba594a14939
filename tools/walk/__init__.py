"""The main job, walked on real inputs through the product's own doors: HTTP, SMTP and the command line."""
