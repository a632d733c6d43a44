# own.awk - of callgrind profiles, the instructions executed in objects whose
# path ends in OWN. What calls cost elsewhere (lines after calls=) is the other
# object's, so a library's version or a missing SHA extension does not count.
# With FUNCTIONS=1: a line for each function instead of the sum.

function named(text, names,    id) { # "(3) /path" names (3); "(3)" repeats it
	if (!match(text, /^\([0-9]+\)/))
		return text
	id = substr(text, 1, RLENGTH)
	if (length(text) > RLENGTH)
		names[id] = substr(text, RLENGTH + 2)
	return names[id]
}

FNR == 1 { # each has names of its own
	delete objects
	delete functions
}
/^ob=/ { object = named(substr($0, 4), objects); own = index(object "\n", OWN "\n") > 0; next }
/^cob=/ { named(substr($0, 5), objects); next }
/^fn=/ { fn = named(substr($0, 4), functions); next }
/^cfn=/ { named(substr($0, 5), functions); next }
/^calls=/ { called = 1; next }
/^[0-9+*-]/ {
	if (own && !called) {
		sum += $2
		each[fn] += $2
	}
	called = 0
}
END {
	if (!FUNCTIONS)
		printf "%d\n", sum
	else
		for (fn in each)
			printf "%d %s\n", each[fn], fn
}
