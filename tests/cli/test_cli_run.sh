#!/bin/sh
# test_cli_run.sh - meed run, and what it says where programs cannot be run.
. "$(dirname "$0")/lib.sh"

MEED_CONF=$top_srcdir/conf.d
export MEED_CONF
printf 'echo "out $1"; echo err >&2; cat; exit 3' >a.sh
printf '42' >in
printf 'sandbox = { cage = "%s/not-there"; };\n' "$work" >none.conf
printf '#!/bin/sh\necho "bwrap: setting up uid map: Permission denied" >&2; exit 1\n' >bwrap
printf '#!/bin/sh\nexec sleep 1\n' >cage
chmod +x bwrap cage
chmod 755 .
printf 'sandbox = { bwrap = "%s/bwrap"; cage = "%s/cage"; };\n' "$work" "$work" >fails.conf

meed run
status_is 64 "a language is needed"
meed run bash
status_is 64 "a file is needed"
meed run cobol a.sh
status_is 78 "an unknown language is an error"
claim "an unknown language: which there are" has err 'no runtime "cobol" is configured: there are bash, c, cpp'
meed run bash not-there.sh
status_is 66 "a file that is not there"
meed run bash a.sh --wall 10x
status_is 64 "a time that is none"
claim "a time that is none: what it should be" has err 'must be seconds, or a string such as "10s"'
meed run bash a.sh --memory 100T
status_is 64 "a limit beyond the configuration's"
meed run bash a.sh --file ../x=in
status_is 64 "a file outside the folder"
meed run bash - --stdin - </dev/null
status_is 64 "standard input for two things"
meed run -c "$MEED_CONF" -c none.conf bash a.sh
status_is 69 "no meed-cage: unavailable"
claim "no meed-cage: what to do" has err 'not-there is not there: it comes with Meed'
meed run -c "$MEED_CONF" -c fails.conf bash a.sh
status_is 69 "no namespaces: unavailable"
claim "no namespaces: bubblewrap's own words" has err 'setting up uid map: Permission denied'
meed run --json -c "$MEED_CONF" -c fails.conf bash a.sh
status_is 69 "no namespaces, as JSON"
claim "no namespaces: SandboxError" json out '.status == "SandboxError" and .run_result == null'
meed doctor -c "$MEED_CONF" -c fails.conf
claim "doctor says the same" has_re out 'warn  sandbox .*setting up uid map'

if [ -z "${MEED_CAGE:-}" ]; then
	echo "# meed-cage is not in this build: nothing is run"
	finish
fi
meed doctor
if ! has_re out 'ok    sandbox '; then
	echo "# this machine cannot cage: nothing is run"
	sed -n 's/^warn  sandbox/#/p' out
	finish
fi
meed run bash a.sh --stdin in -- -x
status_is 1 "a program that exits with 3"
claim "its output is ours" sh -c 'printf "out -x\n42" | cmp - out'
claim "its errors are ours" has err 'err'
claim "how it ended" has_re err 'meed run: the program exited with 3; [0-9.]+ ms, [0-9.]+ ms CPU'
printf 'exit 0' | "$MEED_BIN" run bash - >out 2>err
claim "a program from standard input" has err 'exited with 0'
meed run --json bash a.sh --stdin in
claim "JSON: run_code's answer" json out '.status == "Failed" and .message == "run: exit status 3" and
	.compile_result == null and .executor_pod_name == null and .files == {} and
	(.run_result | .status == "Finished" and .return_code == 3 and .stdout == "out \n42" and
	.stderr == "err\n" and .execution_time > 0 and .outcome == "exit")'
printf 'while :; do :; done' >loop.sh
meed run --json bash loop.sh --wall 200ms
status_is 1 "a program that does not end"
claim "JSON: a time limit" json out '.run_result | .status == "TimeLimitExceeded" and .return_code == null'
meed run bash loop.sh --cpu 100ms
claim "the CPU time limit is told" has err 'was killed: CPU time limit'
printf 'kill -SEGV $$' >segv.sh
meed run bash segv.sh
claim "a signal is told" has err 'was ended by signal 11 (Segmentation fault)'
printf 'cat data/x >y; ls' >files.sh
meed run --json bash files.sh --file data/x=in --fetch y --fetch z
claim "files go in and come back" json out '.status == "Success" and .files == {"y": "NDI="}'
meed run --check bash a.sh
status_is 0 "a check of what is right"
printf 'if then' >bad.sh
meed run --check bash bad.sh
status_is 1 "a check of what is wrong"
claim "the check's own words" has err 'syntax error'
if [ -x /usr/bin/gcc ]; then
	printf 'int main(void) { return 0; }' >a.c
	meed run c a.c
	status_is 0 "what is compiled runs"
	printf 'int main(' >bad.c
	meed run --json c bad.c
	claim "what does not compile is not run" json out '.status == "Failed" and .run_result == null and
		.message == "compile: exit status 1" and (.compile_result.stderr | contains("error:"))'
fi

finish
