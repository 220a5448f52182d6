#!/bin/sh
# test_guide.sh - docs/plugins.md says what is so: its files are written, its commands run, and
# what they print is what the page shows ("..." stands for anything).
. "$(dirname "$0")/lib.sh"

guide=$top_srcdir/docs/plugins.md

# What an installed SDK offers, out of the build.
mkdir bin pc
cat >bin/meed <<X
#!/bin/sh
exec '$MEED_BIN' "\$@"
X
chmod +x bin/meed
cat >pc/meed.pc <<X
meed=$PWD/bin/meed
Name: meed
Description: in the build folder
Version: 0
Cflags: -I$top_srcdir/sdk/include
X
PATH=$PWD/bin:$PATH
LC_ALL=C.UTF-8
PKG_CONFIG_PATH=$PWD/pc
export PATH LC_ALL PKG_CONFIG_PATH
unset MAKEFLAGS MFLAGS MAKELEVEL

# Files: a fenced block after <!-- file: PATH -->.
awk -v dir="$PWD" '
	/^<!-- file: .* -->$/ { file = $3; next }
	/^```/ && file != "" && !inside { inside = 1; next }
	/^```/ && inside { inside = 0; close(path); file = ""; next }
	inside {
		path = dir "/" file
		if (!(path in made)) {
			d = path; sub("/[^/]*$", "", d)
			system("mkdir -p \"" d "\"")
			printf "" > path
			made[path] = 1
		}
		print >> path
	}
' "$guide"
claim "the guide's files are written" test -s judge/judge.c -a -s judge/judge.conf -a -s judge/replies.json

# The change of section 5 as a list of commands for an editor: each - line is replaced, each + line
# comes after the line before it.
awk '/^<!-- patch -->$/ { on = 1 } on && /^```$/ { exit } on && /^[-+ ]/ && !/^(---|\+\+\+) /' \
	"$guide" >change

# apply FILE: the change, by context, whatever the line numbers.
apply()
{
	awk '
		NR == FNR { c[++n] = $0; next }
		{ l[++m] = $0 }
		END {
			at = 1; i = 1
			while (i <= n) {
				t = substr(c[i], 1, 1); s = substr(c[i], 2)
				if (t == "+") { printf "%s\n", s; i++; continue }
				while (at <= m && l[at] != s) print l[at++]
				if (at > m) { print "no such line: " s > "/dev/stderr"; exit 1 }
				if (t == " ") print l[at]
				at++; i++
			}
			while (at <= m) print l[at++]
		}
	' change "$1" >changed && cp changed "$1"
}

# A block of commands: each "$ " line is run where the one before left off.
n=0
run_blocks()
{
	awk -v dir="$work" '
		/^<!-- patch -->$/ { printf "apply\n" > (dir "/steps"); next }
		/^```console$/ { on = 1; next }
		/^```/ { on = 0 }
		on && /^\$ / {
			k++
			printf "%d\n", k > (dir "/steps")
			print substr($0, 3) > (dir "/step." k)
			printf "" > (dir "/want." k)
			next
		}
		on { print > (dir "/want." k) }
	' "$guide"
}
run_blocks
where=$work
while read -r k; do
	if [ "$k" = apply ]; then
		claim "the change of the guide can be made" apply "$work/brevity/model.c"
		continue
	fi
	cmd=$(cat "$work/step.$k")
	cd "$where" || exit 99
	{ cat "$work/step.$k"; echo; echo "pwd >'$work/where'"; } >"$work/step.sh"
	sh "$work/step.sh" >"$work/got.$k" 2>&1
	where=$(cat "$work/where")
	cd "$work" || exit 99
	# "..." at the start of a line: any lines; elsewhere: any text
	claim "\$ $cmd" awk '
		function matches(line, pat,   re) {
			re = pat
			gsub(/[][\\.^$*+?(){}|]/, "\\\\&", re)
			gsub(/\\\.\\\.\\\./, ".*", re)
			return line ~ ("^" re "$")
		}
		NR == FNR { want[++w] = $0; next }
		{ got[++g] = $0 }
		END {
			j = 1
			for (i = 1; i <= w; i++) {
				if (want[i] == "...") {
					if (i == w) exit 0
					while (j <= g && !matches(got[j], want[i + 1])) j++
					continue
				}
				if (j > g || !matches(got[j], want[i])) {
					print "wanted: " want[i]; print "got:    " got[j]; exit 1
				}
				j++
			}
			if (j <= g) { print "too much: " got[j]; exit 1 }
		}
	' "want.$k" "got.$k"
	n=$((n + 1))
done <steps
claim "the guide has commands" test "$n" -ge 10

finish
