# A thin front: it installs what is missing, builds with Meson and Ninja, and starts. `make help`.

BUILD ?= build
PREFIX ?= /usr/local
CLANG_FORMAT ?= clang-format-14
# Meson writes build.ninja last, so its presence says that a directory is set up.
SETUP = $(BUILD)/build.ninja
PAGE_SOURCES := $(shell find web api docs man CHANGELOG.md meson.build -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: all help build page packages test-packages deb-packages run test test-asan test-faults test-truth test-incidents test-install test-pauses bench bench-access bench-alerts bench-attack bench-trace bench-large bench-diagnosis bench-frames bench-incidents bench-metrics bench-pauses bench-rates check format fuzz install uninstall deb rpm clean

all: build

help:
	@echo 'make run        install what is missing, build, start the demo (Ctrl-C removes it)'
	@echo 'make test       install what is missing, run every test'
	@echo 'make build      build/postroom and the executables of the service beside it'
	@echo 'make check      the static checks alone; make format lays the sources out'
	@echo 'make test-asan  unit tests and fuzz corpora under clang, ASan and UBSan'
	@echo 'make test-faults  the faults of tests/faults at their full size (make test runs a short form)'
	@echo 'make test-truth  tests/truth for TRUTH_STATES (10000) states, or from TRUTH_SEED (make test runs a short form)'
	@echo 'make test-incidents  each kind of incident on a real Postfix until it has ended (65 minutes; make test waits for the actions)'
	@echo 'make test-pauses  10,000 messages across 200 sets and lifts of pauses, with kills, reloads and restarts (ten minutes; PAUSES_MESSAGES, PAUSES_CHANGES)'
	@echo 'make test-install  the packages on Debian systems that really boot, in systemd-nspawn (make test runs a short form)'
	@echo 'make deb        the Debian package, in build-deb; make rpm: the RPM, in build-rpm'
	@echo 'make bench      the numbers of docs/BENCHMARKS.md'
	@echo 'make bench-diagnosis  how many replies are told right, and what it costs (BEFORE=commit: beside it)'
	@echo 'make bench-incidents  200 worlds of a mail host with planted truths: what incidents find, and what they say falsely'
	@echo 'make bench-rates  what counting the mail log costs at 5,000 lines a second'
	@echo 'make bench-metrics  what a scrape of /metrics costs at 1,000,000 messages (METRICS_MESSAGES=100000: fewer)'
	@echo 'make bench-frames  how smoothly the table scrolls over 1,000,000 rows in Chromium (FRAMES_MESSAGES=100000: fewer)'
	@echo 'make bench-pauses  a table of 10,000 paused domains'
	@echo 'make bench-alerts  from an incident to a webhook, and through a receiver that is dead (ALERTS_DEAD=3600: for an hour)'
	@echo 'make bench-access  how soon somebody is out whose session is revoked, and in while others guess passwords (4 minutes)'
	@echo 'make bench-attack  what strangers that flood it cost those who have signed in (9 minutes)'
	@echo 'make bench-trace  tracing an address through 2 GB of log, plain and gzip, beside grep (TRACE_MB=10000: 10 GB; 11 GB of disk)'
	@echo 'make bench-large  the same with 1,000,000 messages (35 minutes, 12 GB of disk), and the plot'
	@echo 'make fuzz       every fuzz target for FUZZ_SECONDS (60), FUZZ_JOBS at a time (cores)'
	@echo 'make install    to PREFIX ($(PREFIX)), under DESTDIR; make uninstall'

packages:
	@tools/install-packages

test-packages:
	@tools/install-packages --tests

# For a mail host, too: nothing of what the tests start.
deb-packages:
	@tools/install-packages --deb

# The page is built by npm and embedded in the binary; nothing of Node is needed when it runs.
page: web/dist/.built

web/node_modules/.installed: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/.built: web/node_modules/.installed $(PAGE_SOURCES)
	cd web && npm run --silent build
	@touch $@

tests/node_modules/.installed: tests/package-lock.json
	cd tests && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(SETUP):
	meson setup $(BUILD)

build: $(if $(wildcard web/package.json),page) $(SETUP)
	ninja -C $(BUILD)

run: packages
	@$(MAKE) --no-print-directory build
	$(SUDO) $(BUILD)/postroom demo

test: test-packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	@$(SUDO) env "PATH=$$PATH" tools/test-run --build $(BUILD) $(SUITES)

test-asan: test-packages
	@$(SUDO) env "PATH=$$PATH" tools/test-run --build $(BUILD) asan

test-faults: test-packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	@$(SUDO) env "PATH=$$PATH" POSTROOM_FAULTS=full tools/test-run --build $(BUILD) faults

test-truth: test-packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	@$(SUDO) env "PATH=$$PATH" POSTROOM_TRUTH=full tools/test-run --build $(BUILD) truth

test-pauses: test-packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	@$(SUDO) env "PATH=$$PATH" POSTROOM_FAULTS=full POSTROOM_BUILD=$(abspath $(BUILD)) node --test tests/pauses/many.test.mjs

test-incidents: test-packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	@$(SUDO) env "PATH=$$PATH" POSTROOM_INCIDENTS=full node --test tests/system/incidents.test.mjs

test-install: test-packages
	@tools/install-packages --machines
	@$(MAKE) --no-print-directory deb build tests/node_modules/.installed
	@$(SUDO) env "PATH=$$PATH" POSTROOM_INSTALL=full tools/test-run --build $(BUILD) install

check: tests/node_modules/.installed
	@tools/check

format:
	$(CLANG_FORMAT) -i $$(git ls-files --cached --others --exclude-standard 'src/*.[ch]' 'tests/*.[ch]')
	npm run --silent --prefix web format

bench: packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	$(SUDO) tests/bench/run

bench-alerts: packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	$(SUDO) node tests/bench/alerts.mjs $(if $(ALERTS_DEAD),--dead $(ALERTS_DEAD))

# Alone on the machine: what else runs delays what is measured.
bench-attack: packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	$(SUDO) tests/bench/run attack $(if $(BENCH_SECONDS),--seconds $(BENCH_SECONDS))

bench-access: packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	$(SUDO) tests/bench/run access

bench-trace:
	tests/bench/trace $(TRACE_MB)

bench-large: packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	$(SUDO) tests/bench/run large --plot docs/benchmarks.svg

bench-metrics: packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	$(SUDO) tests/bench/run metrics $(if $(METRICS_MESSAGES),--count $(METRICS_MESSAGES))

# Alone on the machine: without a GPU the processors draw, too.
bench-frames: test-packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	$(SUDO) tests/bench/run frames $(if $(FRAMES_MESSAGES),--count $(FRAMES_MESSAGES))

bench-rates: packages
	@$(MAKE) --no-print-directory build
	ninja -C $(BUILD) tests/bench/rates_bench
	$(SUDO) node tests/bench/rates.mjs

bench-pauses: packages
	@$(MAKE) --no-print-directory build tests/node_modules/.installed
	ninja -C $(BUILD) tests/bench/pauses_bench
	$(SUDO) node tests/bench/pauses.mjs

bench-diagnosis:
	node tests/bench/diagnosis.mjs

# Worlds that nothing is tuned to: those of the short form and of tuning have smaller seeds.
bench-incidents: packages
	@$(MAKE) --no-print-directory build
	$(BUILD)/tests/incidents/replay --worlds $(or $(WORLDS),200) --first 800001

fuzz: test-packages
	tools/fuzz $(or $(FUZZ_SECONDS),60)

# A fresh clone is built first; with one that is built, `sudo make install` only copies.
install: $(if $(wildcard $(BUILD)/postroom),,packages)
	@[ -x $(BUILD)/postroom ] || $(MAKE) --no-print-directory build
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' packaging/install $(BUILD)

uninstall:
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' packaging/install --remove

deb: deb-packages
	@$(MAKE) --no-print-directory page
	packaging/make-deb

rpm: deb
	@tools/install-packages --deb --rpm
	packaging/make-rpm

# With sudo, as what the tests left in there is root's.
clean:
	$(SUDO) rm -rf $(BUILD) build-asan build-fuzz build-deb build-rpm build-install web/dist
