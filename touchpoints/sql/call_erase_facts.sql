-- Asks the owner's function, which alone may change a fact.
SELECT erase_facts(%(contacts)s::bigint[])
