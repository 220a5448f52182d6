# lib.sh - what the scripts of tests/cli share. A script sources it, makes claims and calls finish.
#
# The environment comes from the Makefile: MEED_BIN, MEED_PLUGIN_PATH, top_srcdir. Run by
# hand, the program and plugins of the folder that the script is started in are used.

set -u

here=$(cd "$(dirname "$0")" && pwd)
top_srcdir=${top_srcdir:-$(cd "$here/../.." && pwd)}
builddir=${top_builddir:-$PWD}
MEED_BIN=${MEED_BIN:-$builddir/meed}
MEED_PLUGIN_PATH=${MEED_PLUGIN_PATH:-$(echo "$builddir"/plugins/*/.libs | tr ' ' ':')}
MEED_TEMPLATE=$top_srcdir/sdk/template
export MEED_BIN MEED_PLUGIN_PATH MEED_TEMPLATE
unset MEED_CONF MEED_LOG NO_COLOR

[ -x "$MEED_BIN" ] || {
	echo "no program $MEED_BIN: run make, or set MEED_BIN"
	exit 99
}

work=$(mktemp -d "${TMPDIR:-/tmp}/meed-cli.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99

n_ok=0
n_bad=0

# claim TEXT COMMAND...: the claim holds if the command succeeds.
claim()
{
	claim_text=$1
	shift
	if "$@" >claim.log 2>&1; then
		n_ok=$((n_ok + 1))
		echo "ok - $claim_text"
	else
		n_bad=$((n_bad + 1))
		echo "not ok - $claim_text"
		sed 's/^/#   /' claim.log
		echo "#   $*"
		[ ! -f out ] || sed 's/^/#   out: /' out | head -n 20
		[ ! -f err ] || sed 's/^/#   err: /' err | head -n 20
	fi
}

# meed ARGS...: standard output to the file out, standard error to err, exit status to $status.
meed()
{
	"$MEED_BIN" "$@" >out 2>err
	status=$?
}

# status_is N TEXT: the last meed ended with N.
status_is()
{
	claim "$2 (exit status $1, was $status)" test "$status" -eq "$1"
}

has()		{ grep -F -q -e "$2" "$1"; }		# has FILE TEXT
has_re()	{ grep -E -q -e "$2" "$1"; }		# has_re FILE REGEX
lacks()		{ ! grep -F -q -e "$2" "$1"; }		# lacks FILE TEXT
lines()		{ [ "$(wc -l <"$1")" -eq "$2" ]; }	# lines FILE N
is_empty()	{ [ ! -s "$1" ]; }
same()		{ diff -u "$1" "$2"; }
json()		{ jq -e "$2" "$1" >/dev/null; }		# json FILE FILTER: its last value is true

# upstream_up: tests/llm/upstream, which listens at $port until upstream_down, or the end of the script.
upstream_up()
{
	[ -x "$builddir/tests/llm/upstream" ] || {
		echo "no $builddir/tests/llm/upstream: run make check_PROGRAMS=tests/llm/upstream"
		exit 99
	}
	mkfifo stop started
	"$builddir/tests/llm/upstream" <stop >started &
	upstream=$!
	exec 9>stop
	read -r port <started
}

upstream_down()
{
	exec 9>&-
	wait "$upstream"
}

finish()
{
	echo "# $n_ok ok, $n_bad not ok"
	[ "$n_bad" -eq 0 ]
	exit
}
