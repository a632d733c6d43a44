#!/bin/bash
# Somebody's SQL became code in queryd's process. It wants a person's row, a key, and the way to
# those who have them.
# weakness: queryd-unconfined
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/query.sh"

query_world
mkdir -p "$W/run/view" "$W/keys" "$W/views" "$W/run/queryd"
echo row >"$W/run/view/features-1"
echo frame >"$W/run/view/00000001.seg"
echo root >"$W/keys/root.json"
echo db >"$W/run/scrim.db"
echo release >"$W/views/release"
echo '{ "grants": [] }' >"$W/grants/grants.json"
start listener "$W/log/listener.err" python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1]); s.listen(8); time.sleep(600)' "$W/run/keyd.sock"
await 5 test -S "$W/run/keyd.sock"

gets() { "$TOOLS/run_in_queryd" "$W/queryd.json" "$@" >/dev/null 2>&1; [ $? = 42 ]; }
attack "a person's features" gets read "$W/run/view/features-1"
attack "what somebody did" gets read "$W/run/view/00000001.seg"
attack "the folder of it" gets list "$W/run/view"
attack "the root key" gets read "$W/keys/root.json"
attack "the gateway's database" gets read "$W/run/scrim.db"
attack "its own configuration's neighbours" gets list "$W"
attack "any file of the system" gets read /etc/passwd
attack "another release in the folder" gets write "$W/views/forged"
attack "a grant of its own" gets write "$W/grants/grants.json"
attack "keyd's ear" gets connect "$W/run/keyd.sock"
attack "a shell" gets run /bin/sh
ok "what it serves it reads" gets read "$W/views/release"
ok "and the grants" gets read "$W/grants/grants.json"
ok "and its log is its own" gets write "$W/run/queryd/x"
tap_done
