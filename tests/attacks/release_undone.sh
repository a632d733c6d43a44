#!/bin/bash
# Whoever knows how releases are made undoes generalised cells, more than frequencies tell.
# weakness: cuts-alone
. "$(dirname "$0")/../lib/attack.sh"

attack "cells of a release are undone" "$TOOLS/attack_releases" downcode
tap_done
