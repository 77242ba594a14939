# The two commands are `make up` and `make test`; the rest is convenience. Everything runs from tools/bootstrap.py,
# which needs nothing but some Python 3.8 or later.
PYTHON ?= python3
BOOT = $(PYTHON) tools/bootstrap.py

.PHONY: up test faults bluesky lint reset servers doctor bench screenshots walk
.DEFAULT_GOAL := up

up:         ## PostgreSQL, Valkey, demo data, web, a worker that is the beat, too, and one that sends; Ctrl-C stops all
	@$(BOOT) up $(ARGS)
test:       ## every check, then every test; ARGS="tests/contacts -k foo" runs only those tests
	@$(BOOT) test $(ARGS)
faults:     ## kills, stops, hanging and lying servers in the middle of a campaign of 100,000; 1,000 deaths of who answers
	@ECRM_FAULTS_PEOPLE=100000 $(BOOT) test -o faulthandler_timeout=7200 tests/faults tests/social/test_mastodon_answers.py $(ARGS)
bluesky:    ## Bluesky's own servers on this machine, and what we believe of them tried there (needs npm's registry)
	@$(BOOT) -m tools.bluesky $(ARGS)
lint:       ## every check, no tests
	@$(BOOT) lint
reset:      ## remove the demo's data
	@$(BOOT) reset
servers:    ## only a throw-away PostgreSQL and Valkey, for a shell that runs tests
	@$(BOOT) servers
doctor:     ## is this installation well?
	@$(BOOT) manage doctor $(ARGS)
bench:      ## the benchmarks
	@$(BOOT) -m bench $(ARGS)
screenshots: ## the README's pictures
	@$(BOOT) -m tools.screenshots $(ARGS)
walk:       ## the main job, end to end, against the running stack
	@$(BOOT) -m tools.walk $(ARGS)
