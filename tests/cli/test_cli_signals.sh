#!/bin/sh
# test_cli_signals.sh - the first signal drains a run, and what was written is whole.
. "$(dirname "$0")/lib.sh"

cat >a.conf <<'X'
instances = { tags = { model = "format.reasoning"; }; };
X
mkfifo pipe
trap '' PIPE

# start: a run that waits for its input; the writer's end is descriptor 3
start()
{
	# whoever runs this may have them ignored (nohup)
	env --default-signal "$MEED_BIN" score -c a.conf -m tags -o o.jsonl "$@" pipe >out 2>err &
	pid=$!
	exec 3>pipe
}

for sig in TERM:15 HUP:1; do
	n=${sig#*:}
	sig=${sig%:*}
	rm -f o.jsonl o.jsonl.part
	start
	printf '{"prompt": "p", "response": "a"}\n' >&3
	# handlers are in place before inputs are opened, and the FIFO has opened
	kill -s $sig $pid
	# the pipe stays open and silent: a reader that waits must not wait for more
	wait $pid
	status=$?
	exec 3>&-
	status_is $((128 + n)) "SIG$sig ends a run"
	claim "SIG$sig: the output has not its name" test ! -e o.jsonl
	claim "SIG$sig: what was written is whole lines" jq . o.jsonl.part
	claim "SIG$sig: it is said where that is" has err 'o.jsonl.part'
done

start
exec 3>&-
wait $pid
status=$?
status_is 0 "an input that ends is no interruption"

finish
