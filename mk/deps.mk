# Packages. Nothing is asked, and nothing is done when all are there.

DEPS_BUILD := gcc libc6-dev make pkg-config libssl-dev libsodium-dev libsqlite3-dev libcjson-dev \
              zlib1g-dev libseccomp-dev coinor-libclp-dev libcurl4-openssl-dev libqrencode-dev libedit-dev libpq-dev libexpat1-dev curl jq python3-minimal openssl
DEPS_HEAVY := clang clang-tidy clang-format cppcheck nginx-light wrk valgrind git libxml2 libclang-rt-14-dev postgresql python3 golang-go golang-golang-x-mod-dev
# Whatever brings npm will do: a distribution's own and another's node do not go together.
DEPS_TELEPHONY := python3-twilio $(if $(shell command -v npm 2>/dev/null),,nodejs npm)
DEPS_COLLECT := $(if $(shell command -v npm 2>/dev/null),,nodejs npm) $(if $(shell command -v chromium 2>/dev/null),,chromium)

missing = $(shell for p in $(1); do dpkg-query -W -f='$${db:Status-Abbrev}' $$p 2>/dev/null | grep -q '^ii' || echo $$p; done)

define install_missing
	@m="$(call missing,$(1))"; if [ -z "$$m" ]; then :; \
	elif [ "$$(id -u)" = 0 ]; then echo "  APT   $$m"; \
	  log=$$(mktemp); \
	  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$m; } >"$$log" 2>&1 </dev/null; \
	  then tail -20 "$$log"; rm -f "$$log"; exit 1; fi; rm -f "$$log"; \
	else echo "Some packages are missing. Install them, then run make again:"; \
	  echo "  sudo apt-get install -y --no-install-recommends $$m"; exit 1; fi
endef

.PHONY: deps deps-heavy deps-telephony deps-collect
deps: ## install the Debian packages that are missing
	$(call install_missing,$(DEPS_BUILD))
deps-heavy: deps ## also those for lint, fuzz and bench
	$(call install_missing,$(DEPS_HEAVY))
deps-telephony: deps ## and for the vendors' own packages
	$(call install_missing,$(DEPS_TELEPHONY))
deps-collect: deps ## and for a browser and its libraries
	$(call install_missing,$(DEPS_COLLECT))
