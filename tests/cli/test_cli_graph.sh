#!/bin/sh
# test_cli_graph.sh - meed graph as text, DOT and SVG.
. "$(dirname "$0")/lib.sh"

cat >a.conf <<'X'
instances = {
  tags = { model = "format.reasoning"; };
  long = { model = "format.length_penalty"; };
};
compositions = {
  tidy = { combine = "mean"; members = ( { use = "tags"; weight = 2.0; }, { use = "long"; } ); };
  all = { combine = "sum"; members = ( "tidy", { use = "tags"; transform = "rank"; } ); };
};
X
meed graph -c a.conf all
status_is 0 "text succeeds"
claim "text shows the composition first" sh -c 'head -1 out | grep -q "^all  *sum"'
claim "text shows the members' weights" has_re out 'tags +weight 2 '
claim "text shows the transform" has_re out 'tags.*rank'
meed graph -c a.conf long --set min_length=7
status_is 0 "an instance has a plan"
meed graph -c a.conf long --set min_length=x
status_is 78 "a wrong override fails"
claim "a wrong override is told" has err min_length
meed graph -c a.conf -f dot -o g.dot all
status_is 0 "dot to a file succeeds"
claim "dot to a file prints nothing" is_empty out
claim "the file holds a graph" has_re g.dot '^digraph '
claim "no .part is left" test ! -e g.dot.part
mkfifo pipe
cat pipe >piped &
reader=$!
meed graph -c a.conf -f dot -o pipe all
test -p pipe || kill $reader
wait $reader
status_is 0 "dot to a FIFO succeeds"
claim "the FIFO stays one" test -p pipe
claim "the FIFO's reader gets it all" same g.dot piped
meed graph -c a.conf -f png all
status_is 64 "an unknown format is wrong usage"
meed graph -c a.conf al
status_is 78 "an unknown name"
claim "an unknown name brings the nearest" has err 'did you mean "all"?'
meed graph -c a.conf -f dot -o none/g.dot all
status_is 73 "a file in no folder cannot be created"
if [ -w /dev/full ]; then
	"$MEED_BIN" graph -c a.conf all >/dev/full 2>err
	status=$?
	status_is 74 "a full disk is noticed"
fi

mkdir bin
(PATH=$PWD/bin "$MEED_BIN" graph -c a.conf -f svg -o x.svg all 2>err)
status=$?
status_is 69 "svg without graphviz"
claim "svg without graphviz names the package" has err 'apt install graphviz'
claim "svg without graphviz leaves no file" test ! -e x.svg -a ! -e x.svg.part
printf '#!/bin/sh\nread -r line\nexit 3\n' >bin/dot && chmod +x bin/dot
(PATH=$PWD/bin:$PATH "$MEED_BIN" graph -c a.conf -f svg -o x.svg all 2>err)
status=$?
status_is 74 "dot that fails"
claim "dot that fails: its status is told" has err 'exit status 3'
claim "dot that fails leaves no file" test ! -e x.svg -a ! -e x.svg.part
rm -r bin
if command -v dot >/dev/null; then
	meed graph -c a.conf -f svg all
	status_is 0 "svg succeeds"
	claim "svg is svg" has out '<svg '
	claim "svg shows the members" has out 'tags'
	meed graph -c a.conf -f svg -o x.svg all
	status_is 0 "svg to a file succeeds"
	claim "svg in a file is whole" has x.svg '</svg>'
	claim "no .part is left of the svg" test ! -e x.svg.part
	if [ -w /dev/full ]; then
		"$MEED_BIN" graph -c a.conf -f svg all >/dev/full 2>err
		status=$?
		status_is 74 "svg to a full disk is noticed"
	fi
else
	echo "# graphviz is not installed: no picture was made"
fi

finish
