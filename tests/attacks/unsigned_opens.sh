#!/bin/bash
# A gateway that was taken over asks in a fraud investigator's name for what the policy wants
# signed: with nothing, and with what it can write itself.
# weakness: unsigned-opens
. "$(dirname "$0")/../lib/attack.sh"
. "$(dirname "$0")/../lib/statements.sh"

statement_world
attack "an id without its reader's statement" opens "$W/tokens"
head -c 300 /dev/urandom | base64 -w0 >"$W/noise"
attack "an id, by noise in place of one" opens "$W/tokens" --statement "$W/noise"
# a statement of the gateway's own making: all of it right but for the key
"$BIN/scrim" keys signer fraud-1 --keyd-config "$W/keyd.json" --out "$W/keys/own.sign" >/dev/null
SIGNER=$W/keys/own.sign statement_taken "$W/own"
attack "an id, signed by the gateway" opens "$W/few" --statement "$W/own"
# it has nothing to do with who asks otherwise
statement_taken "$W/good"
ok "by its reader's statement it opens" opens "$W/few" --statement "$W/good"
tap_done
