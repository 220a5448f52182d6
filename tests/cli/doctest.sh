# doctest.sh - a page of documentation says what is so: its files are written, its commands run,
# and what they print is what the page shows. Sourced after lib.sh; then: doctest PAGE.
#
#	<!-- file: PATH -->	the fenced block that follows is that file
#	<!-- patch: PATH -->	the fenced block that follows is a change of that file
#	<!-- needs: PLUGIN -->	the block that follows is passed over where that plugin is left out
#	```console		each line "$ COMMAND" is run where the one before left off; the
#				lines after it are what it prints, on both outputs
#
# In what is printed, a line "..." stands for any lines, and ... within a line for any text.

# What an installed Meed offers, out of the build.
mkdir bin pc
cat >bin/meed <<X
#!/bin/sh
exec '$MEED_BIN' "\$@"
X
chmod +x bin/meed
cat >pc/meed.pc <<X
meed=$work/bin/meed
Name: meed
Description: in the build folder
Version: 0
Cflags: -I$top_srcdir/sdk/include
X
PATH=$work/bin:$PATH
PKG_CONFIG_PATH=$work/pc
LC_ALL=C.UTF-8
MEED_CONF=$top_srcdir/conf.d
export PATH PKG_CONFIG_PATH LC_ALL MEED_CONF
unset MAKEFLAGS MFLAGS MAKELEVEL

# Takes the page apart: files where they belong, and in $work/steps one line a step, "patch K
# PATH" or "run K", with the step's texts in change.K, or step.K and want.K.
page_split()
{
	awk -v dir="$work" -v left_out=" ${MEED_LEFT_OUT-} " '
		function start(path) {
			d = path
			sub("/[^/]*$", "", d)
			system("mkdir -p \"" d "\"")
			printf "" > path
			return path
		}
		/^<!-- file: .* -->$/ { next_file = dir "/" $3; next }
		/^<!-- patch: .* -->$/ {
			k++
			print "patch", k, $3 > (dir "/steps")
			next_file = dir "/change." k
			next
		}
		/^<!-- needs: .* -->$/ { lacking = index(left_out, " " $3 " ") > 0; next }
		/^```/ && !inside {
			inside = 1
			console = $0 == "```console" && !lacking
			lacking = 0
			out = next_file == "" ? "" : start(next_file)
			next_file = ""
			next
		}
		/^```/ { inside = 0; console = 0; out = ""; next }
		console && /^\$ / {
			k++
			print "run", k > (dir "/steps")
			print substr($0, 3) > (dir "/step." k)
			out = start(dir "/want." k)
			next
		}
		inside && out != "" { print > out }
	' "$1"
}

# patch_file CHANGE FILE: a unified diff without line numbers; lines are found by their text.
patch_file()
{
	awk '
		NR == FNR { if (/^[-+ ]/ && !/^(---|\+\+\+) /) c[++n] = $0; next }
		{ l[++m] = $0 }
		END {
			at = 1
			for (i = 1; i <= n; i++) {
				t = substr(c[i], 1, 1)
				s = substr(c[i], 2)
				if (t == "+") { print s; continue }
				while (at <= m && l[at] != s) print l[at++]
				if (at > m) { print "no such line: " s > "/dev/stderr"; exit 1 }
				if (t == " ") print l[at]
				at++
			}
			while (at <= m) print l[at++]
		}
	' "$1" "$2" >changed && cp changed "$2"
}

# prints_what_is_shown WANTED GOT
prints_what_is_shown()
{
	awk '
		function matches(line, re) {
			gsub(/[][\\.^$*+?(){}|]/, "\\\\&", re)
			gsub(/\\\.\\\.\\\./, ".*", re)
			return line ~ ("^" re "$")
		}
		NR == FNR { want[++w] = $0; next }
		{ got[++g] = $0 }
		END {
			j = 1
			for (i = 1; i <= w; i++) {
				if (want[i] == "..." && i == w) exit 0
				if (want[i] == "...") {
					while (j <= g && !matches(got[j], want[i + 1])) j++
					continue
				}
				if (j > g || !matches(got[j], want[i])) {
					print "shown:   " want[i]
					print "printed: " got[j]
					exit 1
				}
				j++
			}
			if (j <= g) { print "not shown: " got[j]; exit 1 }
		}
	' "$1" "$2"
}

# run_step K: in the folder that the step before was left in
run_step()
{
	cp "$work/step.$1" "$work/step.sh"
	echo "pwd >'$work/where'" >>"$work/step.sh"
	(cd "$(cat "$work/where")" && sh "$work/step.sh") >"$work/got.$1" 2>&1 </dev/null
}

doctest()
{
	page_split "$1"
	echo "$work" >where
	n_steps=0
	while read -r kind k path <&3; do
		n_steps=$((n_steps + 1))
		if [ "$kind" = patch ]; then
			claim "the change of $path can be made" patch_file "change.$k" "$path"
			continue
		fi
		run_step "$k"
		claim "\$ $(cat "step.$k")" prints_what_is_shown "want.$k" "got.$k"
	done 3<steps
	claim "$(basename "$1") has commands" test "$n_steps" -ge 5
}
