-- Asks the owner's function, which alone may change a fact.
SELECT forget_pages(%(page)s::smallint, %(before)s::timestamptz, %(at_once)s::integer)
