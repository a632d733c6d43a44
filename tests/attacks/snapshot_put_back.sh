#!/bin/bash
# One host's whole snapshot is put back: both logs, keyd's store and all that remembers them, so
# that the newest openings never happened. A witness remembers, and nobody is to hear it.
# weakness: witness-not-heard
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/witness.sh"

world_new
jq -n '[]' | world_routes -
witness_keys
witness_new w1
witness_join w1
witness_start w1
world_up
seal() { world_curl shop -o /dev/null -d '{"items":[{"class":"name","value":"Ann Example","subject":"'"$1"'"}]}' "$URL/v1/seal"; }
said() { [ "$(witness_said "$1")" -ge "$2" ] 2>/dev/null; }
size() { sed -n 2p "$1"; }

seal before
ok "both logs are cosigned" await 30 eval 'said scrimd 2 && said keyd 2'
world_down
cp -r "$W/run" "$W/snapshot"
world_up
for i in 1 2 3 4 5; do seal "c$i"; done
ok "and go on" await 30 said scrimd $(($(size "$W/snapshot/log/checkpoint") + 5))
ok "both" await 30 said keyd $(($(size "$W/snapshot/keyd/log/checkpoint") + 5))
world_down
rm -rf "$W/run"
cp -r "$W/snapshot" "$W/run"
told() { grep -c '"event":"gateway.witness","witness":1,"log":"own"' "$W/log/scrimd.err"; }
before=$(told)
start_keyd
start_scrimd
ok "the witness is asked" await 30 eval '[ "$(told)" -gt "$before" ]'
serves() { await 5 ready; }
attack "a gateway that is ready on the snapshot" serves
tap_done
