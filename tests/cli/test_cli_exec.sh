#!/bin/sh
# test_cli_exec.sh - meed score with a model that runs programs, in real cages.
. "$(dirname "$0")/lib.sh"

plugins=${MEED_TEST_PLUGINS:-$builddir/tests/plugins/.libs}
cat >a.conf <<X
plugins = { load = ( { path = "$plugins/runs.so"; } ); };
sandbox = { workers = 2; };
runtimes = {
  bash = { file = "main.sh"; run = [ "/bin/bash", "main.sh" ]; limits = { wall = "20s"; }; };
  gone = { file = "main.x"; run = [ "/nowhere/interpreter", "main.x" ]; package = "interpreter-deb"; };
};
instances = {
  runs = { model = "test.runs"; };
  gone = { model = "test.runs"; params = { language = "gone"; }; };
};
X
printf 'instances = { x = { model = "test.runs"; params = { language = "cobol"; }; }; };\n' >cobol.conf
printf 'sandbox = { cage = "%s/not-there"; };\n' "$work" >none.conf
sed '/^sandbox/d' a.conf >b.conf

# rows N PROGRAM: in the program and its reference, @ is the row's number
rows()
{
	i=0
	while [ "$i" -lt "$1" ]; do
		printf '{"prompt":"p","response":"%s","reference":"%s"}\n' "$2" "$3" | sed "s/@/$i/g"
		i=$((i + 1))
	done
}

score()
{
	"$MEED_BIN" score -c a.conf --level score -q "$@"
}

rows 3 'echo @' '@' >few.jsonl
meed check -c a.conf -c cobol.conf
status_is 78 "a runtime that is not configured is an error of the configuration"
claim "it lists those that are" has err 'no runtime "cobol" is configured: there are bash, gone'
meed score -c b.conf -c none.conf -m runs few.jsonl -o none.jsonl
status_is 65 "without meed-cage every evaluation fails"
claim "each says why" sh -c 'grep -c "not-there is not there" none.jsonl | grep -qx 3'
claim "it is told once up front" sh -c 'grep -c "^meed: warning: programs cannot be run: " err | grep -qx 1'

if [ -z "${MEED_CAGE:-}" ]; then
	echo "# meed-cage is not in this build: nothing is run"
	finish
fi
meed doctor -c a.conf
if ! has_re out 'ok    sandbox '; then
	echo "# this machine cannot cage: nothing is run"
	sed -n 's/^warn  sandbox/#/p' out
	finish
fi
claim "doctor names what is missing" has_re out \
	'warn  runtime .*/nowhere/interpreter of the runtime "gone".*interpreter-deb'

meed score -c a.conf -m gone few.jsonl -o gone.jsonl
status_is 65 "an interpreter that is missing fails each evaluation"
claim "and says what to install" has gone.jsonl "install Debian's interpreter-deb"

{
	rows 100 'echo $((@ * 3))' '@'
	rows 100 'x=$(cat); [ \"$x\" = in ] && echo @' '@'
	rows 3 'kill -KILL $$' '@'
	rows 3 'exit @' ''
} | sed 's/"reference":"\([0-9]*\)"/"reference":"\1"/' >many.jsonl
score -m runs -t 1 many.jsonl -o one.jsonl 2>err
claim "programs score by what they print" sh -c \
	'jq -s "map(.output[0].answer.reward.score) | [length, (.[:100] | add), (.[100:200] | add)] == [206, 1, 100]" \
		one.jsonl | grep -qx true'
for t in 2 8; do
	score -m runs -t "$t" --window 200 many.jsonl -o more.jsonl 2>err
	claim "$t threads write the same bytes" cmp one.jsonl more.jsonl
done

# The cages (bubblewrap) of a meed: its children.
cages()
{
	pgrep -P "$1"
}

none_alive()
{
	for p in "$@"; do
		! kill -0 "$p" 2>/dev/null || return 1
	done
}

# wait_for COMMAND...: until it succeeds, which it must in two minutes
wait_for()
{
	n=0
	until "$@"; do
		n=$((n + 1))
		[ "$n" -lt 12000 ] || return 1
		sleep 0.01
	done
}

rows 60 'sleep 0.05; echo @' '@' >slow.jsonl
"$MEED_BIN" score -c a.conf -m runs --level score -q slow.jsonl -o killed.jsonl 2>err &
pid=$!
two_cages()
{
	[ "$(cages "$pid" | wc -l)" -eq 2 ]
}
wait_for two_cages
victims=$(cages "$pid")
# shellcheck disable=SC2086
kill -KILL $victims
wait "$pid"
status=$?
status_is 0 "cages that are killed cost no sample"
claim "all scores are right" sh -c \
	'jq -s "map(.output[0].answer.reward.score) | [length, add] == [60, 60]" killed.jsonl | grep -qx true'

rows 40 'sleep 100; echo @' '@' >endless.jsonl
"$MEED_BIN" score -c a.conf -m runs -q endless.jsonl -o stopped.jsonl 2>err &
pid=$!
wait_for two_cages
victims=$(cages "$pid")
kill -TERM "$pid"
wait "$pid"
status=$?
status_is 143 "a signal ends a run whose programs do not end"
claim "what was done is in the part" test -f stopped.jsonl.part
# shellcheck disable=SC2086
claim "no cage is left" none_alive $victims

"$MEED_BIN" score -c a.conf -m runs -q endless.jsonl -o dead.jsonl 2>err &
pid=$!
wait_for two_cages
victims=$(cages "$pid")
kill -KILL "$pid"
wait "$pid" 2>/dev/null
# shellcheck disable=SC2086
claim "cages end when meed is killed" wait_for none_alive $victims

finish
