# What people run; `make` alone explains. Each target that builds first installs or names what is missing.
# The rules of the project are in CONTRIBUTING.md.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run clean-demo bindings test test-rust test-kotlin test-swift test-browser test-api test-long screenshots xcframework aar bench bench-jvm soak lint deny sim crash power corrupt mutants fuzz setup node-modules

# Where the demo keeps its server and phones; `make run` again goes on from there.
DEMO := demo-data
# The night's simulation: how many seeds, the first of them, and how often in each week people work and phones meet.
SEEDS := 100000
FIRST := 1
ROUNDS := 21
# How many kills, power cuts or corruptions a night takes.
N := 10000
# How long each fuzz target runs; what a fuzzer finds new stays in fuzz/found.
MINUTES := 5
FUZZ_TARGETS := scan proof change body roster

help: ## Say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12 | sed 's/^/  make /'

run: setup ## Run the main job: a server with an invented community, three phones, a lead's page
	@echo "run: building the server (some minutes the first time), then the demo; stop it with Ctrl-C"
	cargo run --release --package gridbook-server -- demo --data $(DEMO)

clean-demo: ## Throw the demo's server and phones away, so that make run starts over
	rm -rf -- $(DEMO)

bindings: setup ## Build the library for phones, write its Kotlin and Swift, package the Kotlin module
	@scripts/kotlin.sh package
	@scripts/swift.sh generate

test: setup node-modules ## Run all tests: stories, simulation, properties, documents, other implementations and languages
	@echo "test: building and running all tests (some minutes the first time)"
	cargo test --workspace --no-fail-fast
	@scripts/kotlin.sh test
	@scripts/swift.sh test
	@scripts/api.sh registers
	@scripts/browser.sh test

# A fifth of the seeded trials, which take most of the time of `make test`.
test-rust: ## Run the tests without looking for missing tools, with fewer seeds: the inner loop
	GRIDBOOK_SEEDS=200 GRIDBOOK_KILLS=100 GRIDBOOK_IMAGES=300 GRIDBOOK_CORRUPTIONS=40 GRIDBOOK_MUTANTS=20000 \
		cargo test --workspace

test-kotlin: setup ## Tell the stories of docs/PHONES.md in Kotlin
	@scripts/kotlin.sh test

test-swift: setup ## Tell the stories of docs/PHONES.md in Swift and test its models of screens; the first time it installs Swift outside the repository
	@scripts/swift.sh test

test-browser: ## Drive the console in Debian's Chromium, with a real server and phones; look at every page with axe
	@scripts/browser.sh test

test-api: setup ## Read the registers that the API gives with a second spreadsheet reader
	@scripts/api.sh registers

test-long: test-api ## What takes minutes: ask the API all that its OpenAPI document describes, rightly and wrongly
	@scripts/api.sh document

screenshots: ## Take the pictures of docs/CONSOLE.md anew; those of all pages are in target/screenshots
	@scripts/browser.sh screenshots

xcframework: setup ## Package the library for Xcode (needs a Mac)
	@scripts/xcframework.sh

aar: setup ## Package the library and the Kotlin module for Android (needs the NDK)
	@scripts/aar.sh

bench: setup ## Measure, each figure against its floor, and print the table of docs/PERFORMANCE.md
	cargo bench --package gridbook-tests

bench-jvm: setup ## Measure what a call from Kotlin costs against the same call in Rust, and a cold start
	@scripts/bench_jvm.sh

soak: MINUTES := 30
soak: setup ## Let 200 phones work at a server for MINUTES; a line a minute, fails if memory grows
	cargo bench --package gridbook-tests --bench table -- --soak $(MINUTES)

lint: setup deny ## Check formatting, lints (of fuzz targets and benches too), the code's documentation, and the dependencies
	cargo fmt --all --check
	cargo clippy --workspace --features gridbook-bindings/bench --all-targets --quiet -- -D warnings
	cargo clippy --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --locked --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

deny: ## Check the dependencies' licences, sources and bans (deny.toml); builds cargo-deny the first time
	@scripts/setup.sh cargo-deny
	cargo deny --log-level error check licenses bans sources

sim: setup ## Simulate SEEDS weeks of six phones and a server, from seed FIRST on
	GRIDBOOK_SEEDS=$(SEEDS) GRIDBOOK_FIRST_SEED=$(FIRST) GRIDBOOK_ROUNDS=$(ROUNDS) \
		cargo test --release --package gridbook-tests --test simulation -- --nocapture

crash: setup ## Kill a phone and a server N times at random points, from seed FIRST on
	GRIDBOOK_KILLS=$(N) GRIDBOOK_FIRST_SEED=$(FIRST) cargo test --package gridbook-tests --test kill -- --nocapture

power: setup ## Look at N images of what a power cut may leave, from seed FIRST on
	GRIDBOOK_IMAGES=$(N) GRIDBOOK_FIRST_SEED=$(FIRST) cargo test --package gridbook-tests --test power -- --nocapture

mutants: N := 10000000
mutants: setup ## Send N mutants of honest changes through the gate, from number FIRST on: the night's run
	GRIDBOOK_MUTANTS=$(N) GRIDBOOK_FIRST_MUTANT=$(FIRST) cargo test --release --package gridbook-hostile --test mutants -- --nocapture

fuzz: setup ## Fuzz each target of fuzz/ for MINUTES, beginning with its corpus
	@cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked
	@for target in $(FUZZ_TARGETS); do \
		echo "fuzz: $$target for $(MINUTES) min"; \
		mkdir -p fuzz/found/$$target; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$target fuzz/found/$$target fuzz/corpus/$$target -- \
			-max_total_time=$$(($(MINUTES) * 60)) -max_len=65536 -rss_limit_mb=512 -timeout=10 || exit 1; \
	done

corrupt: setup ## Damage N databases of a phone at random, from seed FIRST on
	GRIDBOOK_CORRUPTIONS=$(N) GRIDBOOK_FIRST_SEED=$(FIRST) cargo test --package gridbook-tests --test corrupt -- --nocapture

setup: ## Install what is missing (as root through apt), or name what to install
	@scripts/setup.sh

# The official JavaScript automerge, at the versions of the lock file.
node-modules:
	@scripts/node-modules.sh
