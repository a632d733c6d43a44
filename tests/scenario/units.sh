#!/bin/bash
# The units that are installed are ones that systemd takes, and keyd starts as its unit starts it:
# with a root key that it finds in $CREDENTIALS_DIRECTORY alone.
. "$(dirname "$0")/../lib/world.sh"

U=$ROOT/dist/systemd
world_new
if command -v systemd-analyze >/dev/null; then
	mkdir -p "$W/units"
	for u in scrim-keyd scrimd; do # the programs of this build stand for those installed
		sed "s|/usr/local/sbin/|$BIN/|" "$U/$u.service" >"$W/units/$u.service"
	done
	systemd-analyze verify --man=no "$W/units/"*.service >"$W/log/verify" 2>&1
	grep -v 'Failed to\|ignoring' "$W/log/verify" | grep 'scrim.*service' >"$W/log/complaints"
	sed 's/^/# /' "$W/log/complaints"
	no "systemd complains of neither" [ -s "$W/log/complaints" ]
	echo 'NoSuchKey=1' >>"$W/units/scrimd.service"
	systemd-analyze verify --man=no "$W/units/scrimd.service" >"$W/log/verify" 2>&1
	ok "and would say so" grep -q NoSuchKey "$W/log/verify"
else
	skip "systemd takes the units" "there is no systemd-analyze here"
fi
is "what keyd locks fits its limit" "$(sed -n 's/^LimitMEMLOCK=//p' "$U/scrim-keyd.service")" 8M
ok "they are installed" grep -q 'dist/systemd' "$ROOT/mk/more.mk"

# ---- as the unit starts it ----
jq -n '[]' | world_routes -
keyd_init || bail "keyd could not be initialised"
mkdir -m 700 "$W/creds"
mv "$W/keys/root.json" "$W/creds/scrim-root"
jq '.root = "credential:scrim-root"' "$W/keyd.json" >"$W/keyd.tmp" && mv "$W/keyd.tmp" "$W/keyd.json"
no "without the credential it does not start" timeout 10 "$BIN/scrim-keyd" --config "$W/keyd.json" --demo 2>"$W/log/none"
ok "and says what the unit needs" grep -q 'LoadCredentialEncrypted=scrim-root' "$W/log/none"
no "nor offers a new key" grep -q 'init' "$W/log/none"
chmod 400 "$W/creds/scrim-root"
export CREDENTIALS_DIRECTORY=$W/creds
start_keyd
start_scrimd
ok "with it keyd serves" await 20 ready
tap_done
