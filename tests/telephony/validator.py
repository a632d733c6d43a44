#!/usr/bin/env python3
# validator.py - the same vendor by Debian's python3-twilio: what its RequestValidator
# signs is taken, what it would refuse is refused.
#
#	validator.py SETTINGS
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

from twilio.request_validator import RequestValidator

with open(sys.argv[1], encoding="utf-8") as f:
	settings = json.load(f)
BASE, PATH = settings["base"], "/v1/telephony/twiml/acme/voice"
count = failed = 0


def ok(name, good):
	global count, failed
	count += 1
	failed += not good
	print(f"{'ok' if good else 'not ok'} {count} - {name}")


def post(fields, base=BASE, token=settings["token"], sign=None, quote=urllib.parse.quote_plus):
	"""The status and text of an answer to FIELDS, signed as SIGN, or as they are."""
	signature = RequestValidator(token).compute_signature(base + PATH, fields if sign is None else sign)
	body = urllib.parse.urlencode(fields, quote_via=quote).encode()
	request = urllib.request.Request(BASE + PATH, body, {"X-Twilio-Signature": signature,
		"Content-Type": "application/x-www-form-urlencoded"})
	try:
		with urllib.request.urlopen(request, timeout=20) as answer:
			return answer.status, answer.read().decode()
	except urllib.error.HTTPError as e:
		return e.code, e.read().decode()


def call(n, **more):
	return {"AccountSid": settings["account"], "CallSid": f"CA{n:030x}ee", "CallStatus": "ringing", "Called": "+441632960001",
		"Direction": "inbound", "From": "+447700900799", "FromCity": "", "To": "+441632960001", **more}


def asks(answer):
	return answer[0] == 200 and answer[1].startswith("<?xml") and "<Gather " in answer[1]


no_port = BASE.rsplit(":", 1)[0]
ok("a call that it signs", asks(post(call(1))))
ok("with %20", asks(post(call(2, FromCity="New  Romney ~ + % & ="), quote=urllib.parse.quote)))
ok("with +", asks(post(call(3, FromCity="New  Romney ~ + % & ="))))
ok("in other scripts, with empty values", asks(post(call(4, FromCity="上海 Łódź 😀", FromZip="", Zeta=""))))
ok("without the port", asks(post(call(5), base=no_port)))
ok("with the scheme's port", asks(post(call(6), base=no_port + ":80")))
ok("by the second token", asks(post(call(7), token=settings["token2"])))
ok("not by a third", post(call(8), token="guessed") == (403, ""))
ok("not for another host", post(call(9), base="https://staging.example") == (403, ""))
ok("not with an empty value left out of what is signed", post(call(10), sign={k: v for k, v in call(10).items() if v}) == (200, "x")
	or post(call(11, Zeta="1"), sign=call(11)) == (403, ""))
ok("not with a field changed afterwards", post(call(12, From="+447700900798"), sign=call(12)) == (403, ""))
ok("not without what it signed", post({k: v for k, v in call(13).items() if k != "Called"}, sign=call(13)) == (403, ""))
print(f"1..{count}")
sys.exit(failed != 0)
