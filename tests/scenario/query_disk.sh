#!/bin/bash
# queryd's disk takes no more: nothing is answered, and health says so.
. "$(dirname "$0")/../lib/query.sh"

query_world
mkdir -p "$W/run/queryd"
publish weekly 1 100
grant ana
"$TOOLS/disk" new "$W/disk" || bail "no test disk"
export ASAN_OPTIONS=verify_asan_link_order=0
start_queryd LD_PRELOAD="$TOOLS/testdisk.so" SCRIM_DISK="$W/disk" SCRIM_DISK_ROOT="$W/run"
is "a question is answered" "$(ask ana 'SELECT count(*) FROM sales')" 200
"$TOOLS/disk" fail "$W/disk" 'queryd/journal.*'
is "one that cannot be recorded is not" "$(ask ana 'SELECT count(*) FROM sales')" 503
ok "and says why" problem log-unavailable
no "nothing of the answer left" grep -q 100 "$W/body"
ok "readyz is red" queryd_says '.log == false and .ready == false'
is "nor is a mistake told" "$(ask ana 'SELECT categorie FROM sales')" 503
is "nor a denial" "$(post_query ana '{"dataset":"nowhere","sql":"SELECT 1"}')" 503
"$TOOLS/disk" release "$W/disk"
is "the log that failed stays so" "$(ask ana 'SELECT 1')" 503
stop queryd
start_queryd
is "until it is started anew" "$(ask ana 'SELECT count(*) FROM sales')" 200
tap_done
