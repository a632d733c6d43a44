# far.sh - keyd and scrimd as if on two hosts: known to each other by their keys alone.

far_pair() { # NAME: a key and a certificate that nobody has signed
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-keyout "$W/keys/$1.key" -out "$W/keys/$1.crt" -subj "/CN=$1" 2>/dev/null || bail "no certificate"
}

far_spki() { # NAME
	openssl x509 -in "$W/keys/$1.crt" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1
}

# keyd listens at ADDRESS as KEYD, for the gateway GATEWAY and nobody else
far_keyd() { # ADDRESS KEYD GATEWAY
	jq --arg address "$1" --arg keyd "$2" --arg spki "$(far_spki "$3")" '
		.listen = { address: $address, cert: "keys/\($keyd).crt", key: "keys/\($keyd).key" } |
		.gateways |= map(del(.uid) + { cert_spki_sha256: $spki })' "$W/keyd.json" >"$W/keyd.new" &&
		mv "$W/keyd.new" "$W/keyd.json"
}

far_scrimd() { # ADDRESS KEYD GATEWAY
	jq --arg address "$1" --arg spki "$(far_spki "$2")" --arg gateway "$3" '
		.keyd = { address: $address, keyd_spki_sha256: $spki,
			cert: "keys/\($gateway).crt", key: "keys/\($gateway).key" }' "$W/scrim.json" >"$W/scrim.new" &&
		mv "$W/scrim.new" "$W/scrim.json"
}
