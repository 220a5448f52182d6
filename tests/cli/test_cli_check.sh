#!/bin/sh
# test_cli_check.sh - meed check reports every error, with file and line.
. "$(dirname "$0")/lib.sh"

mkdir good
cat >good/10-instances.conf <<'X'
instances = {
  tags = { model = "format.reasoning"; };
  long = { model = "format.length_penalty"; };
};
X
cat >good/20-compositions.conf <<'X'
compositions = { tidy = { combine = "mean"; members = ( "tags", "long" ); }; };
X
echo 'not read' >good/notes.txt
meed check -c good
status_is 0 "a good configuration passes"
claim "a good configuration: nothing on standard output" is_empty out
claim "a good configuration: one line that counts" \
	has_re err '^meed check: 2 files, [0-9]+ plugins?, 2 instances, 1 composition: all good$'
MEED_CONF=good "$MEED_BIN" check 2>err
status=$?
status_is 0 "MEED_CONF names the configuration"
mkdir sub && cp -r good sub/conf.d
(cd sub && "$MEED_BIN" check 2>../err)
status=$?
status_is 0 "./conf.d is the configuration"
meed check -c good/10-instances.conf -c good/20-compositions.conf
status_is 0 "-c may be repeated"

cat >bad.conf <<'X'
instances = {
  tags = { model = "format.reasonning"; };
  long = { model = "format.length_penalty"; params = { min_lenght = 3; max_length = "x"; }; };
};
compositions = {
  a = { combine = "mean"; members = ( { use = "b"; weight = -1.0; } ); };
  b = { combine = "meen"; members = ( { use = "tags"; } ); };
  c = { combine = "sum"; members = ( { use = "d"; } ); };
  d = { combine = "sum"; members = ( { use = "c"; } ); };
  e = { combine = "sum"; members = ( { use = "nowhere"; } ); };
};
X
meed check -c bad.conf
status_is 78 "a bad configuration fails"
claim "a wrong model is told with file, line and the nearest" \
	has_re err '^bad\.conf:2: .*format\.reasonning.*format\.reasoning'
claim "a wrong combiner is told with file, line and the nearest" has_re err '^bad\.conf:7: .*meen.*mean'
claim "a negative weight is told with file and line" has_re err '^bad\.conf:6: .*weight.*-1'
claim "the last line counts the errors" \
	has_re err '^meed check: [0-9]+ errors, [0-9]+ warnings? in 1 file$'
claim "more than one error is told" sh -c 'test "$(grep -c "^bad.conf:" err)" -ge 3'
cat >params.conf <<'X'
instances = {
  long = { model = "format.length_penalty"; params = { min_lenght = 3; max_length = "x"; }; };
};
X
meed check -c params.conf
claim "an unknown parameter brings the nearest" has_re err '^params\.conf:2: .*min_lenght.*min_length'
claim "an ill-typed parameter is told in the same run" has_re err '^params\.conf:2: .*max_length'
cat >cycle.conf <<'X'
compositions = {
  c = { combine = "sum"; members = ( { use = "d"; } ); };
  d = { combine = "sum"; members = ( { use = "c"; } ); };
};
X
meed check -c cycle.conf
status_is 78 "a cycle fails"
claim "a cycle is told with its path" has_re err 'c \(cycle\.conf:2\) -> d \(cycle\.conf:3\) -> c'
cat >nowhere.conf <<'X'
compositions = {
  e = { combine = "sum"; members = ( { use = "nowhere"; } ); };
};
X
meed check -c nowhere.conf
status_is 78 "a weight on nothing fails"
claim "a member that names nothing is told" has_re err '^nowhere\.conf:2: .*nowhere'
echo 'instances = { x = {' >torn.conf
meed check -c torn.conf
status_is 78 "a torn file fails"
claim "a torn file is told with its line" has_re err '^torn\.conf:[0-9]+: '
printf 'run = { seed = 99999999999; };\n' >wrap.conf
meed check -c wrap.conf
claim "a number that libconfig would wrap is told" has_re err '^wrap\.conf:1: '
status_is 78 "a number that libconfig would wrap fails"
meed check -c missing.conf
status_is 78 "a missing file fails"
claim "a missing file is told with the reason" has_re err 'missing\.conf.*No such file'
cat >data.conf <<'X'
instances = {
  zh = { model = "general.f1_score"; params = { tokenizer_type = "jieba"; jieba_data = "/nowhere"; }; };
};
X
meed check -c data.conf
status_is 78 "an instance that cannot be made fails"
claim "an instance that cannot be made is told with the reason" has_re err '^data\.conf:2: .*/nowhere'
: >empty.conf
meed check -c empty.conf
status_is 0 "an empty file is fine"
meed list -c bad.conf
status_is 78 "list refuses a bad configuration"
meed score -m tags -c bad.conf bad.conf
status_is 78 "score refuses a bad configuration"

finish
