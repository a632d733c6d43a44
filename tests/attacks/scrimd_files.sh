#!/bin/bash
# Somebody's request became code in scrimd's process, which runs as a user that could read more: it
# wants keyd's keys, its own configuration to last longer than it, and to see what lies about.
# weakness: scrimd-unconfined
. "$(dirname "$0")/../lib/attack.sh"

world_new
echo '[]' | world_routes -
mkdir "$W/gate" "$W/certs" "$W/meet"
mv "$W/policy.json" "$W/gate/"
mv "$W"/keys/tls.* "$W/certs/"
ln -s ../certs/tls.crt "$W/gate/tls.crt"
ln -s ../certs/tls.key "$W/gate/tls.key"
jq '.keyd = "unix:../meet/keyd.sock" | .log = "../log-of-scrimd" | .store = "sqlite:../run/scrim.db" | .principals = "principals.json" |
	.listen[0].tls = { cert: "tls.crt", key: "tls.key" } | .listen[1] = { address: "unix:../meet/scrimd.sock", principal: "till" }' \
	"$W/scrim.json" >"$W/gate/scrim.json"
jq '.principals + [ { name: "till", role: "shop", socket: true } ]' "$W/scrim.json" >"$W/gate/principals.json"
echo root >"$W/keys/root.json"
echo db >"$W/run/keyd/keyd.db"
echo neighbour >"$W/meet/operator.token"

gets() { "$TOOLS/run_in_scrimd" "$W/gate/scrim.json" "$@" >"$W/out" 2>&1; [ $? = 42 ]; }
attack "the root key" gets read "$W/keys/root.json"
attack "keyd's database" gets read "$W/run/keyd/keyd.db"
attack "what lies beside its socket" gets read "$W/meet/operator.token"
attack "to write that" gets write "$W/meet/operator.token"
attack "its configuration, for the next start" gets write "$W/gate/scrim.json"
attack "another policy" gets write "$W/gate/policy.json"
attack "what else is in the folder of it" gets list "$W/gate"
attack "any program of the system" gets read /bin/sh
attack "any process" gets read /proc/self/environ

ok "it reads its configuration" gets read "$W/gate/scrim.json"
mv "$W/gate/principals.json" "$W/x" && cp "$W/x" "$W/gate/principals.json"
ok "and what was laid in the place of a file that it names" gets read "$W/gate/principals.json"
ok "and where a link leads" gets read "$W/gate/tls.key"
ok "and the system's hosts" gets read /etc/hosts
ok "and writes its log" gets write "$W/log-of-scrimd/x"
tap_done
