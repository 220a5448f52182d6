#!/bin/sh
# test_cli_completion.sh - what zsh offers after `meed ...<TAB>`, in a real zsh on a terminal of its
# own (zsh/zpty). What bash offers is in test_cli_docs.sh.
. "$(dirname "$0")/lib.sh"

command -v zsh >/dev/null || {
	echo "left out: no zsh here (Debian: apt-get install zsh) to try the completion in"
	exit 77
}
zsh -f -c 'zmodload zsh/zpty && autoload -Uz +X compinit' 2>/dev/null || {
	echo "left out: this zsh has no zsh/zpty or no completion system"
	exit 77
}

mkdir bin comp zdot 'a folder' outputs
cp "$top_srcdir/host/cli/completion/_meed" comp/
printf '#!/bin/sh\nexec "%s" "$@"\n' "$MEED_BIN" >bin/meed
chmod +x bin/meed
PATH=$work/bin:$PATH
cat >rewards.conf <<'X'
instances = { tags = { model = "format.reasoning"; }; };
compositions = { tagged = { combine = "mean"; members = ( "tags" ); }; };
pipelines = { tidy = { steps = ( { step = "dedup"; } ); }; };
X
sed 's/tags/marks/g; s/tagged/marked/; s/tidy/trim/' rewards.conf >'a folder/more rewards.conf'
touch samples.jsonl scored.jsonl libx.so

# Each line of queries is "NUMBER LINE" and a dot. LINE is typed and completed; NUMBER.words has the
# words that are offered, NUMBER.err what was printed, NUMBER.line the line after a TAB.
cat >zdot/.zshrc <<'X'
fpath=($PWD/comp $fpath)
autoload -Uz compinit
compinit -D -u
PS1= RPS1=
typeset -ga offered
compadd() {
	local -a hits
	if [[ ${@[1,(i)(-|--)]} != *-[OAD]* ]]; then
		builtin compadd -A hits "$@"
		offered+=($hits)
	fi
	builtin compadd "$@"
}
look() {
	offered=()
	_main_complete 2>$number.err
	print -rl -- $offered >$number.words
	compstate[insert]= compstate[list]=
}
zle -C look list-choices look
all() {
	local number line
	while read -r number line; do
		BUFFER=${line%.}
		CURSOR=$#BUFFER
		zle look
		zle complete-word 2>>$number.err
		print -r -- "$BUFFER" >$number.line
	done <queries
	touch done
	exit
}
zle -N zle-line-init all
X
cat >drive.zsh <<'X'
zmodload zsh/zpty
zpty drive zsh -d -i
while zpty -r drive text; do print -rn -- "$text"; done
X

# in_zsh FILE: completes the LINE of each "LINE|WORDS" of FILE.
in_zsh()
{
	rm -f done
	sed 's/|.*/./' "$1" | nl -b a -w 1 -s ' ' >queries
	ZDOTDIR=$work/zdot timeout 100 zsh -f drive.zsh >terminal 2>&1 </dev/null
	claim "zsh goes through all of $1" test -e done
}

# offers FILE: those WORDS were offered after each LINE, and no others; nothing was printed.
offers()
{
	n=0
	while IFS='|' read -r line want; do
		n=$((n + 1))
		printf '%s\n' $want | sort -u >want
		sort -u $n.words >got
		claim "'$line' and TAB: $want" same want got
		claim "'$line' and TAB prints nothing else" is_empty $n.err
	done <"$1"
}

options_of()
{
	# shellcheck disable=SC2086
	"$MEED_BIN" $1 --help | sed -n 's/^  *\(-., \)\{0,1\} *\(--[a-z-]*\).*/\2/p' | tr '\n' ' '
}

commands=$("$MEED_BIN" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | tr '\n' ' ')
steps=$("$MEED_BIN" data --help | sed -n 's/^  \([a-z_]*\)  .*/\1/p' | tr '\n' ' ')
formats=$("$MEED_BIN" export --help | sed -n 's/^  \([a-z_]*\)  .*/\1/p' | tr '\n' ' ')
benchmarks=$("$MEED_BIN" eval --list | sed '1d; s/ .*//' | tr '\n' ' ')
claim "there are commands, steps, formats and benchmarks" \
	test -n "$commands" -a -n "$steps" -a -n "$formats" -a -n "$benchmarks"

{
	cat <<-X
	meed |$commands help
	meed help |$commands help
	meed data |$steps run
	meed export |$formats
	meed annotate |out in agree
	meed math |parse equal
	meed plugin |new check
	meed eval |$benchmarks
	X
	for c in $commands; do
		case $c in
		data | export | annotate | math | plugin) ;;
		*) echo "meed $c --|$(options_of "$c")" ;;
		esac
	done
	for c in "math parse" "math equal" "plugin new" "plugin check" "data near_dedup" "data run" \
		"export verl" "annotate out" "annotate agree"; do
		echo "meed $c --|$(options_of "$c")"
	done
} >whole
claim "every command is tried" test "$(wc -l <whole)" -ge 30
in_zsh whole
offers whole

cat >some <<'X'
meed sc|score
meed nothing|
meed score --summ|--summary --summary-json
meed score -c rewards.conf -m ta|tags tagged
meed score -c rewards.conf --model ta|tags tagged
meed score -c rewards.conf --model=ta|tags tagged
meed score -m ta -c rewards.conf|rewards.conf
meed score --config=rewards.conf -m ta|tags tagged
meed score -crewards.conf -m ta|tags tagged
meed score -c a\ folder -m mar|marks marked
meed score -c 'a folder/more rewards.conf' -m mar|marks marked
meed score -c rewards.conf -c a\ folder -m tagg|tagged
meed score -c rewards.conf -m general.ac|general.accuracy
meed score -c re|rewards.conf
meed score --config re|rewards.conf
meed score --config=re|rewards.conf
meed score sc|scored.jsonl
meed score -c rewards.conf -m tags sa|samples.jsonl
meed score -o out|outputs
meed score --level |score reason full
meed score --progress |auto none json
meed score --format trl|trl
meed score --format=helpsteer2_p|helpsteer2_pairwise helpsteer2_preference
meed score --resume=|force
meed score --shard a|auto
meed eval rmb|rmbench rmb_bon rmb_pairwise
meed eval -c rewards.conf -m tags rewardb|rewardbench rewardbench2
meed eval rewardbench -c rewards.conf -m ta|tags tagged
meed eval rewardbench sc|scored.jsonl
meed eval --ties |wrong half
meed list --kind |composition instance model pipeline
meed info -c rewards.conf ta|tags tagged
meed graph -c rewards.conf ta|tags tagged
meed graph -f |text dot svg
meed conflicts --by |pairs members labels
meed best --vote |majority weighted
meed refine -c rewards.conf --with ta|tags tagged
meed health -c rewards.conf --canaries ta|tags tagged
meed import --container |auto jsonl json csv tsv parquet
meed report sc|scored.jsonl
meed merge sc|scored.jsonl
meed data near|near_dedup
meed data run -c rewards.conf ti|tidy
meed data near_dedup sa|samples.jsonl
meed data near_dedup --dr|--dropped
meed data near_dedup -o out|outputs
meed data filter --progress |auto none json
meed export verl --see|--seed
meed annotate out --label-config out|outputs
meed plugin check lib|libx.so
meed plugin new --dir o|outputs
meed run --outp|--output
meed help sc|score
meed score -c $(touch ran) -m tag|
meed score -c `touch ran` -m tag|
X
in_zsh some
offers some
claim "nothing on the line is run" test ! -e ran

cat >lines <<'X'
meed scor|meed score 
meed score --summary-j|meed score --summary-json=
meed score --stri|meed score --strict 
meed score -c rew|meed score -c rewards.conf 
meed score -c rewards.conf -m tagg|meed score -c rewards.conf -m tagged 
meed eval llm|meed eval llmbar 
meed score -c a|meed score -c a\ folder/
X
in_zsh lines
n=0
while IFS='|' read -r line want; do
	n=$((n + 1))
	claim "TAB makes '$want' of '$line'" test "$(cat $n.line)" = "$want"
done <lines
finish
