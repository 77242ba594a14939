"""Who causes what. Reading this file is reading the product."""
