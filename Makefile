# The one door to this repository: each target is one line, what it does is in ops/scripts.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-build setup-test setup-versions build release demo test test-versions test-guest test-burst
.PHONY: chaos isolation check format sanitize fuzz lab lab-down bench-delivery clean

help: ## this list
	@ops/scripts/help Makefile
setup: setup-test ## everything the other targets need; a second run starts at once
setup-build: ## packages and toolchain to build and to run the demo
	@ops/scripts/setup build
setup-test: ## the same, and hypervisor daemons and Salt masters for the tests
	@ops/scripts/setup test
setup-versions: setup-test ## the same, and libvirt of other releases of Debian, for test-versions and test-guest
	@ops/scripts/setup-versions
build: setup-build ## .build/debug/virt-aggregator
	@ops/scripts/build debug
release: setup-build ## .build/release/virt-aggregator
	@ops/scripts/build release
demo: setup-build ## the service on hosts of its own; DEMO_SECONDS=5 ends it by itself
	@ops/scripts/demo
test: setup-test check ## checks and every test; FILTER=Name runs a part
	@ops/scripts/test
test-versions: setup-versions release ## libvirt 7.0 to 12.8 side by side, and the service on newer libraries; FILTER=Name
	@ops/scripts/test VersionsTests
test-guest: setup-versions release ## every kind of event from a real driver, a Linux guest's too; writes ops/events-seen.md
	@ops/scripts/test-guest
test-burst: setup-test release ## 100,000 events at once on each series of masters, and what others on their buses notice
	@FILTER=Bursts VIRT_AGGREGATOR_BURST=100000 VIRT_AGGREGATOR_BINARY=$(CURDIR)/.build/release/virt-aggregator ops/scripts/test
isolation: setup-test release ## what healthy hosts notice of frozen, flooding and huge ones, with the release build; ROUNDS=3
	@FILTER=Isolation VIRT_AGGREGATOR_ISOLATION=$(or $(ROUNDS),3) VIRT_AGGREGATOR_BINARY=$(CURDIR)/.build/release/virt-aggregator ops/scripts/test
check: setup-build ## format, import rules, source rules
	@ops/scripts/check
format: setup-build ## writes the format that check asks for
	@ops/scripts/format
sanitize: setup-test ## Address, then Thread Sanitizer over Connections and SaltBus
	@ops/scripts/sanitize
fuzz: setup-build ## decoders on hostile input under Address Sanitizer; FUZZ_SECONDS=180, SEED=, REPLAY=target:hex
	@ops/scripts/fuzz
bench-delivery: ## ours beside a raw sender on a real master, after make setup and make release; SALT=3008.3
	@ops/scripts/bench-delivery
chaos: setup-test ## random faults on real daemons, and what was told of them; SCHEDULES=20, SEED=, SCHEDULE=, LONG=1
	@ops/scripts/chaos
lab: setup-test ## a fleet for real: libvirtd, Salt master, service, events; LAB_SECONDS=60 ends it by itself
	@ops/lab/lab run
lab-down: ## ends a lab that runs
	@ops/lab/lab down
clean: ## removes what the builds made
	@ops/scripts/clean
