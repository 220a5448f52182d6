#!/bin/sh
# test_cli_docs.sh - man pages and completion know every command and option there is.
. "$(dirname "$0")/lib.sh"

man=$top_srcdir/docs/man
comp=$top_srcdir/host/cli/completion

options_of()
{
	# shellcheck disable=SC2086
	"$MEED_BIN" $1 --help | sed -n 's/^  *\(-., \)\{0,1\} *--\([a-z-]*\).*/\2/p'
}

for c in score eval best refine correct conflicts import list info graph check doctor run "math parse" "math equal" "plugin new" "plugin check"; do
	page=$man/meed-${c%% *}.1
	[ "$c" != correct ] || page=$man/meed-refine.1
	for o in $(options_of "$c"); do
		case $o in
		help | verbose | config | plugin-dir)
			claim "meed(1) has --$o" grep -q -e "Fl -$o" "$man/meed.1"
			;;
		*)
			claim "the manual of $c has --$o" grep -q -e "^\.It.*Fl -$o" "$page"
			;;
		esac
		claim "zsh completes --$o of $c" grep -q -e "--$o\b" "$comp/_meed"
	done
done
steps=$("$MEED_BIN" data --help | sed -n 's/^  \([a-z_]*\)  .*/\1/p')
formats=$("$MEED_BIN" export --help | sed -n 's/^  \([a-z_]*\)  .*/\1/p')
claim "steps and formats are listed" test -n "$steps" -a -n "$formats"
for c in $(printf 'data/%s ' $steps) $(printf 'export/%s ' $formats) annotate/out annotate/in annotate/agree; do
	page=$man/meed-${c%/*}.1
	for o in $(options_of "${c%/*} ${c#*/}"); do
		case $o in
		help | verbose) ;;
		*)
			claim "the manual of $c has --$o" grep -q -e "^\.It.*Fl -$o" "$page"
			;;
		esac
	done
done
if command -v mandoc >/dev/null; then
	for f in "$man"/*; do
		mandoc -Tlint "$f" 2>&1 | grep -v 'referenced manual not found\|outdated mandoc' >lint
		claim "$(basename "$f") is sound" is_empty lint
	done
fi
sed -n '/^\.Sh EXAMPLES/,$ { /^\.Bd/,/^\.Ed/ { /^\./d; p; } }' "$man/meed.conf.5" >example.conf
claim "the manual of meed.conf has an example" grep -q compositions example.conf
meed check -c example.conf
status_is 0 "the example of the manual of meed.conf is good"

# links FILE: the relative ones, from the top folder
links()
{
	sed 's/](/\n](/g' "$top_srcdir/$1" | sed -n 's/^](\([^):#]*\)).*/\1/p' |
		sed "s|^|$(dirname "$1")/|"
}
for page in README.md docs/plugins.md; do
	for l in $(links $page); do
		claim "$page: $l is there" test -e "$top_srcdir/$l"
	done
done

if command -v bash >/dev/null; then
	cat >a.conf <<-'X'
	instances = { tags = { model = "format.reasoning"; }; };
	X
	cat >try.bash <<-'X'
	. "$1"; shift
	compopt() { :; }
	COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _meed; printf '%s\n' "${COMPREPLY[@]}"
	X
	bash try.bash "$comp/meed.bash" meed sc >got
	claim "bash completes a command" grep -qx score got
	bash try.bash "$comp/meed.bash" "$MEED_BIN" score --summ >got
	claim "bash completes options" sh -c 'test "$(tr "\n" " " <got)" = "--summary --summary-json "'
	bash try.bash "$comp/meed.bash" "$MEED_BIN" score -c a.conf -m ta >got
	claim "bash completes names of the configuration on the line" grep -qx tags got
	bash try.bash "$comp/meed.bash" "$MEED_BIN" data near >got
	claim "bash completes a step" grep -qx near_dedup got
	bash try.bash "$comp/meed.bash" "$MEED_BIN" export verl --see >got
	claim "bash completes a format's options" grep -qx -e --seed got
	bash try.bash "$comp/meed.bash" meed plugin ch >got
	claim "bash completes plugin check" grep -qx check got
	bash try.bash "$comp/meed.bash" "$MEED_BIN" plugin new --d >got
	claim "bash completes plugin new's options" grep -qx -e --dir got
	mkdir "a folder"
	sed 's/tags/marks/' a.conf >"a folder/b.conf"
	for c in "-c a.conf" "--config = a.conf" "-ca.conf" "--plugin-dir . -ca.conf" "-c ~/a.conf"; do
		# shellcheck disable=SC2086
		HOME=$work bash try.bash "$comp/meed.bash" "$MEED_BIN" score $c -m ta >got
		claim "bash completes names of $c" grep -qx tags got
	done
	for c in "a\\ folder" "'a folder'" '"a folder/b.conf"'; do
		bash try.bash "$comp/meed.bash" "$MEED_BIN" score -c "$c" -m ma >got
		claim "bash completes names of $c" grep -qx marks got
	done
	bash try.bash "$comp/meed.bash" "$MEED_BIN" score -c a.conf --model = ta >got
	claim "bash completes --model=ta" grep -qx tags got
	bash try.bash "$comp/meed.bash" "$MEED_BIN" score --level = >got
	claim "bash completes --level=" grep -qx reason got
	bash try.bash "$comp/meed.bash" "$MEED_BIN" info -c a.conf --json ta >got
	claim "bash completes a name after info --json" grep -qx tags got
	bash try.bash "$comp/meed.bash" "$MEED_BIN" eval rewardbench --by '' >got
	claim "bash completes no word after eval --by" sh -c 'test -z "$(cat got)"'
	bash try.bash "$comp/meed.bash" "$MEED_BIN" score --cache '' >got
	claim "bash completes files after --cache" grep -qx 'a folder' got
fi

finish
