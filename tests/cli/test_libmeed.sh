#!/bin/sh
# libmeed's example: opens the configuration, scores one response, tells why; errors in words.
set -u
embed=${top_builddir:-.}/sdk/examples/embed
fails=0

want() {	# want NAME EXPECTED ACTUAL
	if [ "$2" = "$3" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '  wanted: %s\n  got:    %s\n' "$2" "$3"
		fails=$((fails + 1))
	fi
}

out=$("$embed" accuracy "Capital of France?" "Paris" "Paris" 2>&1)
want "one response is scored, with its reason" \
	"score 1.000
  accuracy 1.000: equals the reference" "$out"

out=$("$embed" accuracy "Capital of France?" "Paris" 2>&1)
status=$?
want "a failed evaluation is no score" 1 "$status"
case $out in
*"no score: the sample has no reference"*) echo "ok - and says why" ;;
*) echo "not ok - and says why: $out"; fails=$((fails + 1)) ;;
esac

out=$("$embed" acuracy p r 2>&1)
case $out in
*acuracy*accuracy*) echo "ok - a wrong name is answered with the nearest" ;;
*) echo "not ok - a wrong name is answered with the nearest: $out"; fails=$((fails + 1)) ;;
esac

out=$(MEED_CONF=/nonexistent "$embed" accuracy p r r 2>&1)
case $out in
*/nonexistent*) echo "ok - a missing configuration is named" ;;
*) echo "not ok - a missing configuration is named: $out"; fails=$((fails + 1)) ;;
esac

exit $((fails > 0))
