#!/bin/sh
# test_cli_pipelines.sh - pipelines of the configuration: checked, listed, run.
. "$(dirname "$0")/lib.sh"

jq -nc 'range(40) | . as $i | {unique_id: "s\($i)", input: "Question \($i % 20) about \($i % 3)",
	output: [{answer: {content: ("word " * ($i + 1)), reward: {score: ($i / 40)}}},
		{answer: {content: "no", reward: {score: 0.3}}}],
	task_category: (if $i < 20 then "math" else "code" end)}' >in.jsonl
cat >p.conf <<'X'
pipelines = {
  clean = {
    description = "what is usable";
    input = [ "in.jsonl" ];
    steps = (
      { step = "filter"; min_chars = 40; category = [ "math", "code" ]; },
      { step = "dedup"; on = [ "input" ]; fold = true; },
      { step = "split"; parts = [ 0.5, 0.5 ]; names = [ "a", "b" ]; by = "category"; }
    );
    output = "clean.jsonl";
    seed = 7;
  };
  pairs = { export = { format = "trl_preference"; pairs = "best_worst"; margin = 0.2; }; };
};
X
meed check -c p.conf
status_is 0 "good pipelines"
claim "are counted" has err "2 pipelines: all good"
meed list -c p.conf
claim "and listed with their steps" has_re out '^pipeline +clean +filter, dedup, split +what is usable$'
meed list -c p.conf --json --kind pipeline
claim "as JSON with their place" json out '.[0].where == "p.conf:2" and (.[0].steps | startswith("filter"))'
meed list -c p.conf --names
claim "names alone are what can be scored with" lacks out clean

meed data run clean -c p.conf
status_is 0 "a pipeline runs"
claim "each step's counts are told" has_re err 'dedup: [0-9]+ in, [0-9]+ out'
"$MEED_BIN" data filter -q --min-chars 40 --category math --category code in.jsonl |
	"$MEED_BIN" data dedup -q --on input --fold |
	"$MEED_BIN" data split -q 0.5,0.5 --names a,b --by category --seed 7 -o by-hand.jsonl
claim "it keeps what the steps one by one keep" sh -c \
	'cat clean-*.jsonl | jq -r .unique_id | sort >a; cat by-hand-*.jsonl | jq -r .unique_id | sort | cmp - a'
cp clean-a.jsonl first
meed data run clean -c p.conf -q
claim "and gives the same bytes again" same first clean-a.jsonl
meed data run clean -c p.conf -q --seed 8 -o other.jsonl in.jsonl
claim "the command line goes before the file" sh -c 'test -s other-a.jsonl && ! cmp -s first other-a.jsonl'
meed data run pairs -c p.conf in.jsonl
claim "an export is an end like another" sh -c \
	'jq -se "all(.chosen[0].role == \"assistant\" and .rejected != null)" out | grep -q true'
claim "samples without a pair are told" has err 'made no row: no two outputs have scores that differ enough'
meed data run pairs -c p.conf
status_is 64 "no input"
meed data run pair -c p.conf in.jsonl
status_is 78 "no such pipeline"
claim "is guessed" has err 'did you mean "pairs"'

# bad CONF TEXT: the check finds it, with its place
bad()
{
	printf '%s\n' "$1" >bad.conf
	meed check -c bad.conf
	status_is 78 "wrong: $1"
	claim "is told: $2" has err "bad.conf:1: $2"
}
bad 'pipelines = { a = { steps = ( { step = "fliter"; } ); }; };' 'unknown step "fliter"; did you mean "filter"?'
bad 'pipelines = { a = { steps = ( { step = "filter"; min_char = 5; } ); }; };' \
	'unknown parameter "min_char": filter has no such parameter; did you mean "min_chars"?'
bad 'pipelines = { a = { steps = ( { step = "filter"; min_chars = -5; } ); }; };' \
	'min_chars of filter is -5: must be a whole number, 0 or more'
bad 'pipelines = { a = { steps = ( { step = "filter"; min_chars = [1, 2]; } ); }; };' \
	'min_chars of filter takes one value, not 2'
bad 'pipelines = { a = { steps = ( { step = "filter"; match = "("; } ); }; };' \
	'step "filter": match: "(" is no regular expression'
bad 'pipelines = { a = { steps = ( { step = "split"; parts = [0.5, 0.4]; } ); }; };' \
	'step "split": parts: the shares sum to 0.9'
bad 'pipelines = { a = { steps = ( { stp = "x"; } ); }; };' 'a step of pipeline "a" does not say which'
bad 'pipelines = { a = { steps = { }; }; };' 'steps of pipeline "a" is a group { }: must be a list ( )'
bad 'pipelines = { a = { inptu = "x"; steps = (); }; };' 'unknown key "inptu" of pipeline "a"; did you mean "input"?'
bad 'pipelines = { a = { }; };' 'pipeline "a" does nothing'
bad 'pipelines = { a = { steps = ( { step = "dedup"; on = { }; } ); }; };' 'on of dedup is a group { }'
bad 'pipelines = { a = { export = { format = "verll"; }; }; };' 'unknown format "verll"; did you mean "verl"?'
bad 'pipelines = { a = { steps = (); memory = "5"; }; };' 'memory of pipeline "a" is 5: must be a size'
bad 'pipelines = { a = { steps = (); format = "nix"; }; };' 'pipeline "a": format "nix" is not known'
bad 'pipelines = { a = { steps = ( "filter" ); }; };' 'a step of pipeline "a" is a string: must be a group { }'
printf '%s\n' 'pipelines = { a = { steps = (); }; };' >one.conf
meed check -c one.conf -c one.conf
claim "a name stands once" has err '"a" is already defined at one.conf:1'

cat >tasks.conf <<'X'
pipelines = { tasks = { steps = ( { step = "split"; parts = [ 0.5, 0.5 ]; } ); export = { format = "label_studio"; };
	output = "tasks.json"; }; };
X
meed data run tasks -c tasks.conf -q in.jsonl
claim "each part of a split is whole" sh -c \
	'jq -se "map(length) | add == 40" tasks-train.json tasks-test.json >/dev/null'

meed check -c "$top_srcdir/conf.d/pipelines.conf"
status_is 0 "the pipelines that are shipped"
for p in prepare dpo best_sft; do
	meed data run $p -q -c "$top_srcdir/conf.d/pipelines.conf" -o "o.jsonl" in.jsonl
	status_is 0 "shipped pipeline $p runs"
done

finish
