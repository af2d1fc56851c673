# `make` alone lists the targets.
SWIFT  ?= swift
CONFIG ?= configs/quickstart.yaml
ARGS   ?=
PREFIX ?= /usr/local
DESTDIR ?=

# Tables of timings: those of a folder, those beside the project where there are some, or the one that comes with it.
timings := $(or $(EPSIM_TIMINGS),$(wildcard ../shared/data/timings),configs/validation)

# Instruction sets that oneDNN is held down to when products are tested again; one above the processor's changes nothing.
isas := AVX512_CORE AVX2

sources := Package.swift Sources Tests
binary  := .build/release/epsim
share   := $(DESTDIR)$(PREFIX)/share
# What `make install` makes from the help of the program: the completions of three shells, and the manual page.
bash    := $(share)/bash-completion/completions/epsim
zsh     := $(share)/zsh/site-functions/_epsim
fish    := $(share)/fish/vendor_completions.d/epsim.fish
manual  := $(share)/man/man1/epsim.1
# The program runs where there is no toolchain. lld, because the default linker warns about Foundation's own code.
release := -c release --static-swift-stdlib -Xswiftc -use-ld=lld

.DEFAULT_GOAL := help
.PHONY: help run build test bench validate docs docs-serve lint format install uninstall clean deps

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build ## Build, then run CONFIG (default configs/quickstart.yaml) with ARGS
	@$(binary) run $(CONFIG) $(ARGS)

build: deps ## Build a release
	@$(SWIFT) build $(release) --product epsim >&2

test: deps ## Build and run every test
	@cd Benchmarks && python3 -m unittest discover -s tests -t .
	@$(SWIFT) test --disable-xctest
	@Benchmarks/setup .build limits
	@python3 Benchmarks/bench.py --smallest --epsim .build/debug/epsim
	@for isa in $(isas); do \
		echo "Products with at most $$isa" && \
		DNNL_MAX_CPU_ISA=$$isa $(SWIFT) test --skip-build --disable-xctest --filter ExpertsTests || exit 1; done

bench: build ## Compare with PyTorch, oneDNN and libzmq in one run (about 20 minutes; ARGS=--quick: 3)
	@Benchmarks/setup .build
	@.build/bench-venv/bin/python Benchmarks/bench.py $(ARGS)

validate: build ## Score predictions: published timings (EPSIM_TIMINGS names a folder of tables), then live runs here
	@$(binary) validate --cross-validate $(ARGS) $(sort $(wildcard $(timings)/*.csv))
	@mkdir -p .build/hardware
	@EPSIM_HARDWARE=.build/hardware $(binary) calibrate > .build/hardware/calibration.txt
	@EPSIM_HARDWARE=.build/hardware $(binary) calibrate --score configs/validation/this-machine

docs: deps ## Build one static site of all articles and symbols in .build/docs
	@SWIFT="$(SWIFT)" .ci/docs

docs-serve: ## Show the site of `make docs` at http://127.0.0.1:8000
	@python3 -m http.server --directory .build/docs --bind 127.0.0.1 8000

lint: ## Check the format of the sources
	@$(SWIFT) format lint --strict --recursive $(sources)

format: ## Format the sources in place
	@$(SWIFT) format --in-place --recursive $(sources)

install: build ## Install epsim, its configs, completions and manual below PREFIX (default /usr/local)
	@install -D -s -m 755 $(binary) $(DESTDIR)$(PREFIX)/bin/epsim
	@rm -rf $(share)/epsim/configs
	@mkdir -p $(share)/epsim $(dir $(bash) $(zsh) $(fish) $(manual))
	@cp -R configs $(share)/epsim/configs
	@install -m 644 LICENSE $(share)/epsim/LICENSE
	@$(binary) --generate-completion-script bash > $(bash)
	@$(binary) --generate-completion-script zsh > $(zsh)
	@$(binary) --generate-completion-script fish > $(fish)
	@$(binary) --experimental-dump-help | .ci/manual "$$($(binary) --version)" > $(manual)

uninstall: ## Remove what `make install` put there
	@rm -rf $(DESTDIR)$(PREFIX)/bin/epsim $(share)/epsim
	@rm -f $(bash) $(zsh) $(fish) $(manual)

clean: ## Remove what was built; run folders stay
	@rm -rf .build

deps: ## Install what building needs and is missing (Debian)
	@.ci/install
