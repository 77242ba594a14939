-- How many fit the words searched for, merged ones among them; counted no further than `most`.
SELECT count(*) FROM (SELECT FROM ({words}) AS f LIMIT %(most)s) AS counted
