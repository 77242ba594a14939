-- Which of the words `said` counts, first one first: people's own before what files say for them; of their own the newest,
-- of those of files the one that allows least.
said.from_file, CASE WHEN said.from_file THEN said.mode END, said.at DESC, said.id DESC
