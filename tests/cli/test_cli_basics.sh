#!/bin/sh
# test_cli_basics.sh - help, version, wrong usage, and standard output that cannot be written.
. "$(dirname "$0")/lib.sh"

commands="score list info graph check doctor plugin"

meed --version
status_is 0 "--version succeeds"
claim "--version tells the program's version and the ABI's" \
	has_re out '^meed [0-9]+\.[0-9]+\.[0-9]+ \(plugin ABI 1\.0\)$'
meed --help
status_is 0 "--help succeeds"
claim "--help goes to standard output alone" is_empty err
for c in $commands; do
	claim "--help names the command $c" has_re out "^  $c  *[A-Z]"
done
for c in $commands "plugin new" "plugin check"; do
	# shellcheck disable=SC2086
	meed $c --help
	status_is 0 "$c --help succeeds"
	claim "$c --help begins with the usage" has_re out "^Usage: meed $c"
	claim "$c --help says nothing on standard error" is_empty err
done
meed help score
claim "help score is score --help" has out 'Usage: meed score'

meed
status_is 64 "no command is wrong usage"
claim "no command: one line that points to --help" lines err 1
claim "no command: the hint" has err 'see: meed --help'
meed scroe
status_is 64 "an unknown command is wrong usage"
claim "an unknown command brings the nearest one" has err 'did you mean "score"?'
meed --wrong
status_is 64 "an unknown option before the command is wrong usage"
meed list --jsn
status_is 64 "an unknown option is wrong usage"
claim "an unknown option brings the nearest one" has err 'did you mean --json?'
claim "an unknown option: one line" lines err 1
claim "an unknown option: nothing on standard output" is_empty out
meed list --json=yes
status_is 64 "an argument that an option does not take is wrong usage"
meed list -k
status_is 64 "an option without its argument is wrong usage"
claim "an option without its argument is named" has err '--kind needs an argument'
meed list --kind plugin
status_is 64 "a wrong word is wrong usage"
claim "a wrong word brings the right ones" has err 'must be composition, instance, model or pipeline'
meed list extra
status_is 64 "an argument too many is wrong usage"
meed info
status_is 64 "info without a name is wrong usage"
meed info a b
status_is 64 "info with two names is wrong usage"
meed graph
status_is 64 "graph without a name is wrong usage"
meed check conf.d
status_is 64 "check with an argument is wrong usage"
claim "check with an argument: the hint" has err 'did you mean -c conf.d?'
for o in "--threads 0" "--threads -1" "--threads 1e3" "--threads 99999" "--window 0" \
	"--window x" "--seed -1" "--seed 18446744073709551616" "--level all" "--progress bar" \
	"--format xml" "--map prompt" "--map color=/x" "--group-by x"; do
	# shellcheck disable=SC2086
	meed score -m x $o in.jsonl
	status_is 64 "score $o is wrong usage"
	claim "score $o: one line" lines err 1
done
meed score in.jsonl
status_is 64 "score without -m is wrong usage"
meed score -m a -m b in.jsonl
status_is 64 "score with two -m is wrong usage"
meed score -m a - -
status_is 64 "score with standard input twice is wrong usage"

if [ -w /dev/full ]; then
	"$MEED_BIN" --help >/dev/full 2>err
	status=$?
	status_is 74 "a full disk is noticed"
	claim "a full disk is told in one line" lines err 1
	claim "a full disk is told in words" has err 'cannot write to standard output: No space left'
fi
"$MEED_BIN" --help >&- 2>err
status=$?
status_is 74 "a closed standard output is noticed"
{ "$MEED_BIN" --help 2>err; echo $? >st; } | true
# either the reader was gone before the write, or the pipe took it all
claim "a closed pipe is an error or none, but no signal" has_re st '^(0|74)$'

finish
