#!/usr/bin/env python3
# zone_oracle.py - what Python's zoneinfo says of clocks: lines "ZONE UNIX OFFSET".
#
# For each zone random moments from 1990 to 2060, and the second before and of each change
# that is found between two days.
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ZONES = """Asia/Shanghai Asia/Hong_Kong Asia/Kolkata Asia/Kathmandu Asia/Tehran Asia/Yangon Asia/Pyongyang
Asia/Gaza Asia/Jerusalem Asia/Kabul Australia/Lord_Howe Australia/Adelaide Australia/Eucla Pacific/Chatham Pacific/Apia
Pacific/Kiritimati Pacific/Marquesas Pacific/Pago_Pago Pacific/Easter Europe/London Europe/Dublin Europe/Berlin
Europe/Moscow Europe/Istanbul Europe/Chisinau Africa/Casablanca Africa/Cairo Africa/Monrovia America/New_York
America/St_Johns America/Sao_Paulo America/Santiago America/Nuuk America/Caracas America/Havana
America/Argentina/San_Luis America/Asuncion Antarctica/Troll Etc/GMT+12 Etc/GMT-14 UTC""".split()
FROM, TO = 631152000, 2840140800  # 1990, 2060


def offset(zone, at):
	moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=at)
	return int(moment.astimezone(zone).utcoffset().total_seconds())


def main():
	dice = random.Random(20261126)
	for name in ZONES:
		zone = ZoneInfo(name)
		moments = {dice.randrange(FROM, TO) for _ in range(400)}
		before = offset(zone, FROM)
		for day in range(FROM, TO, 86400):
			now = offset(zone, day)
			if now != before:
				low, high = day - 86400, day
				while high - low > 1:
					middle = (low + high) // 2
					low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
				moments |= {low, high}
				before = now
		for at in sorted(moments):
			print(name, at, offset(zone, at))
	return 0


if __name__ == "__main__":
	sys.exit(main())
