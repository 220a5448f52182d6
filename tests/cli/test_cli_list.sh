#!/bin/sh
# test_cli_list.sh - meed list and meed info.
. "$(dirname "$0")/lib.sh"

cat >a.conf <<'X'
instances = {
  tags = { model = "format.reasoning"; description = "thinks and answers"; };
  long = { model = "format.length_penalty"; params = { min_length = 3; }; };
};
compositions = {
  tidy = { combine = "mean"; description = "two rules";
           members = ( { use = "tags"; weight = 2.0; },
                       { use = "long"; on_error = "skip"; } ); };
};
X

meed list -c a.conf
status_is 0 "list succeeds"
claim "list says nothing on standard error" is_empty err
claim "list shows the composition with its combiner and description" \
	has_re out '^composition +tidy +mean +two rules$'
claim "list shows the instance with its model and description" \
	has_re out '^instance +tags +format\.reasoning +thinks and answers$'
claim "list shows the model with its own summary" has_re out '^model +format\.reasoning  +[^ ]'
claim "an instance without a description has its model's summary" \
	has_re out '^instance +long +format\.length_penalty +[^ ]'
claim "list has no colours in a file" lacks out "$(printf '\033')"
claim "compositions come first, then instances, then models" sh -c \
	'tail -n +2 out | cut -d" " -f1 | uniq | tr "\n" " " | grep -x "composition instance model "'
claim "columns are aligned" sh -c \
	'test "$(sed "s/SUMMARY.*//" out | head -1 | wc -c)" -eq "$(sed "s/two rules.*//" out | sed -n 2p | wc -c)"'

meed list -c a.conf --json
status_is 0 "list --json succeeds"
claim "list --json is an array with all kinds" json out \
	'[.[].kind] | unique == ["composition","instance","model"]'
claim "list --json tells where a thing is defined" json out \
	'any(.[]; .name == "tidy" and .where == "a.conf:6" and .combine == "mean")'
meed list -c a.conf --names --kind instance
claim "list --names --kind instance prints names alone" sh -c 'test "$(tr "\n" " " <out)" = "long tags "'
meed list -c a.conf --json --kind composition
claim "list --kind composition holds nothing else" json out 'map(.name) == ["tidy"]'

mkdir broken && echo 'no plugin' >broken/broken.so
meed list -c a.conf --plugin-dir broken
status_is 0 "list goes on if a plugin cannot be loaded"
claim "list tells why a plugin could not be loaded" has_re err 'broken/broken\.so: .*(file too short|invalid ELF)'
claim "list shows the other plugins" has out 'format.reasoning'

meed info -c a.conf format.length_penalty
status_is 0 "info of a model succeeds"
for w in 'kind +model' 'version +[0-9]+\.' 'licence +[A-Z]' 'source +[^ ]' 'modes +pointwise' \
	'needs +none' 'range ' 'traits +deterministic' 'plugin +.*format\.so$' \
	'build id +[0-9a-f]{8,}'; do
	claim "info of a model tells: $w" has_re out "^  $w"
done
claim "info shows a parameter with type and default" has_re out '^min_length +(integer|number) +10 '
meed info -c a.conf long
claim "info of an instance shows the value beside the default" \
	has_re out '^min_length +(integer|number) +10 +3 '
claim "info of an instance shows where it is defined" has_re out '^  defined +a\.conf:3$'
meed info -c a.conf tidy
status_is 0 "info of a composition succeeds"
claim "info of a composition shows its plan" has_re out 'tags.*weight 2'
meed info -c a.conf --json tidy
claim "info --json of a composition lists members" json out \
	'.members == [{"name":"tags","use":"tags","weight":2,"on_error":"fail"},
		      {"name":"long","use":"long","weight":1,"on_error":"skip"}]'
meed info -c a.conf --json long
claim "info --json of an instance has its values and the schema" json out \
	'.params.min_length == 3 and (.params_schema.properties.min_length.default == 10)
	 and .deterministic and .modes == ["pointwise"] and .where == "a.conf:3"'
meed info -c a.conf --json format.length_penalty
claim "info --json of a model has no values" json out 'has("params") | not'
meed info -c a.conf tidi
status_is 78 "info of an unknown name"
claim "info of an unknown name brings the nearest" has err 'did you mean "tidy"?'
claim "info of an unknown name prints nothing" is_empty out

MEED_SECRET=hunter2
export MEED_SECRET
cat >s.conf <<'X'
instances = { x = { model = "format.reasoning"; params = { think_token = "${MEED_SECRET}"; }; }; };
X
for o in "" --json; do
	# shellcheck disable=SC2086
	meed info -c s.conf $o x
	claim "info $o does not show a value from the environment" lacks out hunter2
	# shellcheck disable=SC2016
	claim "info $o shows it as written" has out '${MEED_SECRET}'
done

# a judge: who is asked, and its rubrics for people to read
cat >j.conf <<'X'
endpoints = { big = { kind = "openai"; url = "http://h/v1"; }; small = { kind = "openai"; url = "http://s/v1"; }; };
instances = {
  kind = { model = "judge.pointwise"; endpoint = "small";
           params = { contract = "rubrics"; notes = "Short.";
                      rubrics = ( { name = "solves it"; weight = 2.0; text = "It helps the one who asked at once."; },
                                  { name = "polite"; text = "Neither curt nor grovelling."; levels = [ "rude", "kind" ]; } ); }; };
  duel = { model = "judge.pairwise"; };
};
X
meed info -c j.conf kind
claim "info tells who is asked" has_re out '^  endpoint +small$'
claim "a long value stands below the table" has_re out '^rubrics +array +\[\] +see below '
cat >below <<'X'

rubrics
  1. name: solves it
     weight: 2
     text: It helps the one who asked at once.
  2. name: polite
     text: Neither curt nor grovelling.
     levels:
       1. rude
       2. kind
X
sed -n '/^$/,$ p' out | tail -n 10 >got
claim "a line for each of its parts" same below got
claim "and a short one in it" has out '"Short."'
meed info -c j.conf duel
claim "info tells that nobody is asked" has_re out '^  endpoint +none: meed check says why$'
meed info -c j.conf --json kind
claim "info --json has it as well" json out '.endpoint == "small" and (.params.rubrics | length) == 2'
meed info -c j.conf judge.pointwise
claim "a model has no endpoint" lacks out endpoint.small

finish
