#!/bin/bash
# Keys in what the kernel writes to swap, where they outlive keyd and its erasures.
# weakness: memory-unlocked
. "$(dirname "$0")/../lib/attack.sh"

# CAP_IPC_LOCK is bit 14
if [ $((0x$(sed -n 's/^CapEff:\t//p' /proc/self/status) >> 14 & 1)) = 0 ]; then
	skip "keyd's memory can be swapped" "without CAP_IPC_LOCK keyd may not lock it either"
	tap_done
	exit
fi
world_new
jq -n '[]' | world_routes -
world_up
kib() { sed -n "s/^$1:[^0-9]*\([0-9]*\) kB/\1/p" "/proc/${PROC_PID[keyd]}/status"; }
swappable() { [ "$(kib VmLck)" -lt "$(kib VmRSS)" ]; }
ok "keyd says which it is" grep -qE 'keyd.(keys_locked|memory_(not_)?locked)' "$W/log/keyd.err"
attack "keyd's memory in swap" swappable
tap_done
