#!/bin/sh
# flat.sh - the most memory that meed import holds (KiB) with 10^4 and with 10^6 rows, in the containers
# that a shell can write. Fails where the larger file took more than 16 MiB more than the small one.
# usage: tests/bench/flat.sh [PROGRAM [FOLDER]]
meed=${1:-./meed}
work=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/meed-flat.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
bad=0

# rows N: lines of JSON, about 150 bytes each.
rows()
{
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "{\"id\":%d,\"prompt\":\"What is %d+%d?\",\"chosen\":\"It is %d, as everybody knows.\",\"rejected\":\"It is %d.\",\"n\":%d.50}\n", i, i, i, 2 * i, 2 * i + 1, i }'
}

# make KIND N FILE
make()
{
	case $1 in
	jsonl) rows "$2" >"$3" ;;
	json) { echo '['; rows "$2" | sed "$2!s/\$/,/"; echo ']'; } >"$3" ;;
	member) { printf '{"name":"x","data":'; echo '['; rows "$2" | sed "$2!s/\$/,/"; echo ']}'; } >"$3" ;;
	gzip) rows "$2" | gzip -1 >"$3" ;;
	csv) awk -v n="$2" 'BEGIN { print "id,prompt,chosen,rejected"; for (i = 0; i < n; i++) printf "%d,\"What is\n%d+%d?\",\"It is \"\"%d\"\"\",It is %d\n", i, i, i, 2 * i, i }' >"$3" ;;
	esac
}

# most KIND FILE: the process's largest resident size in KiB.
most()
{
	container=auto
	[ "$1" = csv ] && container=csv
	"$meed" import -q --container $container "$2" -o /dev/null &
	pid=$!
	top=0
	while kill -0 $pid 2>/dev/null; do
		now=$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null)
		[ -n "$now" ] && top=$now
		sleep 0.02
	done
	wait $pid || echo "FAIL: $1" >&2
	echo "$top"
}

printf '%-8s %10s %10s %12s\n' container '10^4 KiB' '10^6 KiB' 'file MiB'
for kind in jsonl json member gzip csv; do
	make $kind 10000 "$work/small"
	small=$(most $kind "$work/small")
	make $kind 1000000 "$work/large"
	large=$(most $kind "$work/large")
	printf '%-8s %10s %10s %12s\n' $kind "$small" "$large" \
		"$(($(wc -c <"$work/large") >> 20))"
	[ "$((large - small))" -le 16384 ] || bad=1
	rm -f "$work/small" "$work/large"
done
[ $bad -eq 0 ] || echo 'FAIL: memory grows with the file'
exit $bad
