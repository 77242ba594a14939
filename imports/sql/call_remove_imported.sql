-- Asks the owner's function, which alone may take away what is append-only.
SELECT remove_imported(%(people)s::bigint[], %(run)s)
