#!/bin/bash
# Somebody's request became code in scrimd's process. It wants a shell, a process that stays when
# scrimd is restarted, a door of its own, and what passes on the wire.
# weakness: scrimd-unconfined
. "$(dirname "$0")/../lib/attack.sh"

world_new
echo '[]' | world_routes -
free_port && DOOR=$PORT
gets() { "$TOOLS/run_in_scrimd" "$W/scrim.json" "$@" >/dev/null 2>&1; [ $? = 42 ]; }
attack "a shell" gets run /bin/sh
attack "another process" gets fork -
attack "a door of its own" gets listen "$DOOR"
if [ "$(id -u)" = 0 ]; then
	attack "the wire" gets sniff -
else
	skip "the wire" "only root has raw sockets"
fi
ok "what it serves by it may: threads" gets thread -
ok "names of this machine" gets name localhost

# A name server of our own, whose answers are asked for again over TCP, in a network of our own.
asks() {
	unshare -mn bash -c '
		ip link set lo up 2>/dev/null || python3 -c "
import fcntl, socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(s, 0x8914, struct.pack(\"16sH14s\", b\"lo\", 1, b\"\"))"
		mount --bind "$1" /etc/resolv.conf && python3 "$2" & server=$!
		mount --bind "$1" /etc/resolv.conf
		for i in $(seq 50); do (exec 3<>/dev/tcp/127.0.0.1/53) 2>/dev/null && break; sleep 0.1; done
		"$3" "$4" name shop.example >/dev/null 2>&1
		got=$?
		kill $server
		exit $got' - "$W/resolv.conf" "$W/names.py" "$TOOLS/run_in_scrimd" "$W/scrim.json"
	[ $? = 42 ]
}
cat >"$W/names.py" <<-'END'
	import socket, struct, threading
	def answer(q, cut):
	    end = 12 + q[12:].index(0) + 5
	    a = q[end - 4:end - 2] == b"\0\1" and not cut
	    return q[:2] + struct.pack(">HHHHH", 0x8180 | 0x200 * cut, 1, a, 0, 0) + q[12:end] + \
	        (b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + bytes([192, 0, 2, 1]) if a else b"")
	u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	u.bind(("127.0.0.1", 53))
	t = socket.create_server(("127.0.0.1", 53))
	def udp():
	    while True:
	        q, who = u.recvfrom(512)
	        u.sendto(answer(q, True), who)
	threading.Thread(target=udp, daemon=True).start()
	def one(c):
	    while (n := c.recv(2)):
	        a = answer(c.recv(struct.unpack(">H", n)[0]), False)
	        c.sendall(struct.pack(">H", len(a)) + a)
	while True:
	    threading.Thread(target=one, args=(t.accept()[0],), daemon=True).start()
END
echo "nameserver 127.0.0.1" >"$W/resolv.conf"
if unshare -mn true 2>/dev/null; then
	ok "names that a name server knows" asks
else
	skip "names that a name server knows" "only root has a network of its own"
fi
tap_done
