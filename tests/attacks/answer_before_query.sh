#!/bin/bash
# queryd's disk stands still: whoever asks now wants the answer before the record of the
# question is on disk, where a power cut would take the record back.
# weakness: query-before-record
. "$(dirname "$0")/../lib/attack.sh"
. "$ROOT/tests/lib/query.sh"

query_world
mkdir -p "$W/run/queryd"
publish weekly 1 100
grant ana
"$TOOLS/disk" new "$W/disk" || bail "no test disk"
start_queryd LD_PRELOAD="$TOOLS/testdisk.so" SCRIM_DISK="$W/disk" SCRIM_DISK_ROOT="$W/run"
counts() { ask ana 'SELECT count(*) AS found FROM sales' --max-time "$1" >/dev/null; grep -q '"rows":\[\[100\]\]' "$W/body"; }
ok "on a disk that works the answer comes" counts 20
rm "$W/body"
"$TOOLS/disk" block "$W/disk" 'queryd/journal.*'
attack "the answer, while its record is not on disk" counts 4
ok "the disk was standing still meanwhile" "$TOOLS/disk" waits "$W/disk"
"$TOOLS/disk" release "$W/disk"
rm -f "$W/body"
ok "when it goes on, so do answers" counts 20
tap_done
