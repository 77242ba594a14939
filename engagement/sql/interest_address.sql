-- The address of a page `d` as rules say it: without scheme and www., in small letters. A fragment.
regexp_replace(lower(coalesce(
  d.payload #>> '{context,page,url}', d.payload ->> 'url', '')), '^https?://(www\.)?', '')
