#!/bin/bash
# Whoever has every weekly release, and knows where somebody was in each, finds them.
# weakness: past-ignored
. "$(dirname "$0")/../lib/attack.sh"

attack "somebody is found by half a year of releases" "$TOOLS/attack_releases" intersect
tap_done
