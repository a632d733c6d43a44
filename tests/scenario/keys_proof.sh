#!/bin/bash
# What a store of keys promises, by the disk and by the attacker: power cuts, kill -9, files
# put together that do not belong together, and everything searched for keys.
# KEYS_IMAGES, KEYS_KILLS, KEYS_MIXES, KEYS_PEOPLE and KEYS_ROUNDS say how much, KEYS_POINTS and KEYS_ODD every
# which; `make deep STEPS=keys` says more.
. "$(dirname "$0")/../lib/world.sh"

tap_of "power cuts" "$TOOLS/keys_proof" cuts "${KEYS_IMAGES:-60}"
tap_of "kill -9" "$TOOLS/keys_proof" kills "${KEYS_KILLS:-12}"
tap_of "mixes" "$TOOLS/keys_proof" mixes "${KEYS_MIXES:-48}"
tap_of "ended at its calls" "$TOOLS/keys_proof" points "${KEYS_POINTS:-60}"
tap_of "odd files" "$TOOLS/keys_proof" odd "${KEYS_ODD:-3}"
tap_of "carving" "$TOOLS/keys_proof" carving "${KEYS_PEOPLE:-150}"
tap_of "slots" "$TOOLS/keys_proof" slots "${KEYS_ROUNDS:-6}"
tap_done
