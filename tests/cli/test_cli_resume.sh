#!/bin/sh
# test_cli_resume.sh - what is said about unfinished runs, and parts of a run and their whole.
. "$(dirname "$0")/lib.sh"

cat >a.conf <<'X'
run = { checkpoint_ms = 1; };
instances = { tags = { model = "format.reasoning"; };
              size = { model = "format.length_penalty"; params = { max_length = 5; }; }; };
compositions = { both = { combine = "mean"; members = ( { use = "tags"; }, { use = "size"; } ); }; };
X
# a run that comes to a bad line near its end, and stops there
i=0
while [ $i -lt 400 ]; do
	i=$((i + 1))
	echo "{\"prompt\": \"p\", \"response\": \"answer number $i\"}"
done >in.jsonl
cp in.jsonl good.jsonl
echo 'no row' >>in.jsonl

score() { meed score -c a.conf -m both "$@"; }

begin()
{
	rm -f o.jsonl o.jsonl.*
	score --strict -o o.jsonl "$@" in.jsonl
}

begin
status_is 65 "a strict run stops at a bad line"
claim "and says that it can be gone on with" has err 'what was done is in o.jsonl.part; --resume goes on with it'
claim "there is a journal" test -s o.jsonl.journal
cp o.jsonl.part before
score -o o.jsonl in.jsonl
status_is 73 "an unfinished run is not written over"
claim "it is said what is there" has_re err 'o\.jsonl\.part: an unfinished run is there, with [1-9][0-9]* samples'
claim "and what to do" has err -- '--resume goes on with it, --restart drops it'
claim "nothing was lost" cmp before o.jsonl.part
cat good.jsonl | meed score -c a.conf -m both -o o.jsonl -
status_is 73 "not by standard input either"

score -o o.jsonl --resume in.jsonl
status_is 65 "without --strict it goes on to its end"
claim "the closing line tells of both" has_re err '401 lines?|400 samples, .*resumed after [1-9]'
claim "the journal is gone" test ! -e o.jsonl.journal
score -o want.jsonl in.jsonl
claim "the result is that of one run" cmp o.jsonl want.jsonl
score -o o.jsonl --resume in.jsonl
status_is 0 "again: nothing to do"
claim "which is said" has err 'nothing to do'

begin
score -o o.jsonl --restart in.jsonl
status_is 65 "--restart begins anew"
claim "with the same result" cmp o.jsonl want.jsonl
claim "and tells of nothing before" lacks err 'resumed'

# what must not have changed
begin
sed 's/number 7"/number 8"/' in.jsonl >other && cp in.jsonl kept && cat other >in.jsonl
score -o o.jsonl --resume in.jsonl
status_is 78 "another input of the same size is refused"
claim "by its bytes" has err 'in.jsonl: its bytes are not those that were read'
cat kept >in.jsonl
head -n 399 kept >in.jsonl
score -o o.jsonl --resume in.jsonl
status_is 78 "another size is refused"
claim "and both are told" has_re err 'input 1 was "in\.jsonl, [0-9]+ bytes", is "in\.jsonl, [0-9]+ bytes"'
cat kept >in.jsonl
sed 's/max_length = 5/max_length = 6/' a.conf >b.conf
meed score -c b.conf -m both -o o.jsonl --resume in.jsonl
status_is 78 "another parameter is refused"
claim "it is named, before and after" has_re err 'instance size was ".*max_length":5.*", is ".*max_length":6'
claim "and the ways out" has err '--resume=force goes on all the same'
sed 's/{ use = "tags"; }/{ use = "tags"; weight = 3.0; }/' a.conf >c.conf
meed score -c c.conf -m both -o o.jsonl --resume in.jsonl
claim "another weight is named" has_re err 'composition both was .*weight 1.*is .*weight 3'
score -o o.jsonl --resume --seed 9 in.jsonl
claim "another seed is named" has err 'seed was "0", is "9"'
score -o o.jsonl --resume --rejects r in.jsonl
claim "other outputs are named" has err '--rejects was "not given", is "r"'
claim "nothing of this has touched what was done" cmp before o.jsonl.part
score -o o.jsonl --resume -t 3 --window 7 in.jsonl
status_is 65 "threads and window may change"
claim "and do not show" cmp o.jsonl want.jsonl
begin
meed score -c b.conf -m both -o o.jsonl --resume=force in.jsonl
status_is 65 "force goes on all the same"
claim "and tells what changed" has err 'goes on although instance size was'
claim "the rest is scored as it is now" test "$(wc -l <o.jsonl)" -eq 401

# what cannot be
begin
score -o o.jsonl --resume - <in.jsonl
status_is 78 "standard input cannot be resumed"
claim "and it is said why" has err 'standard input cannot be read a second time'
score --resume in.jsonl
claim "nor can standard output" has err 'the output is no file: name one with -o'
score --resume --restart -o o.jsonl in.jsonl
status_is 64 "to resume and to restart is wrong usage"
score --resume=yes -o o.jsonl in.jsonl
status_is 64 "another word is, too"
rm -f o.jsonl.*
echo 'my diary' >o.jsonl.journal
score -o o.jsonl in.jsonl
status_is 73 "a file that is no journal of ours is not written over"
claim "and is named" has err 'o.jsonl.journal: is there and is no journal of meed'
rm o.jsonl.journal
cp want.jsonl o.jsonl
score -o o.jsonl --resume in.jsonl
status_is 0 "where there is an output and no journal there is nothing to do"
rm o.jsonl
score -o o.jsonl --resume in.jsonl
status_is 65 "where there is neither, a run begins"
claim "with the same result" cmp o.jsonl want.jsonl

# a journal that is torn: the run begins anew, or goes on from what holds
begin
truncate -s 30 o.jsonl.journal
score -o o.jsonl --resume in.jsonl
claim "a journal without a whole head: from the beginning" cmp o.jsonl want.jsonl
begin
truncate -s 100 o.jsonl.part
score -o o.jsonl --resume in.jsonl
claim "an output shorter than its journal says: from what holds" cmp o.jsonl want.jsonl
claim "which is said" has err 'is not what its journal says after sample'

# one output, two processes: another one holds the lock
begin
if command -v perl >/dev/null; then
	perl -e 'use Fcntl; open(F, "+<", shift) or die; my $l = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
		fcntl(F, F_SETLK, $l) or die; exit(system(@ARGV) >> 8)' o.jsonl.journal \
		"$MEED_BIN" score -c a.conf -m both -o o.jsonl --restart in.jsonl >out 2>err
	status=$?
	status_is 73 "an output that another process writes is left alone"
	claim "and it is said why" has err 'another meed is writing this output'
fi
score -o o.jsonl --resume in.jsonl
claim "then it goes on" cmp o.jsonl want.jsonl

# parts
score -o want.jsonl --rejects want.rejects in.jsonl
for i in 1 2 3; do
	score -q --shard $i/3 -o "p-{shard}.jsonl" --rejects "p-{shard}.rejects" in.jsonl
done
claim "a part has its number in its name" test -s p-2-of-3.jsonl
claim "and a table of its blocks" has p-2-of-3.jsonl.shard '{"block":1,"records":64,'
meed merge -o whole.jsonl --rejects whole.rejects p-3-of-3.jsonl p-1-of-3.jsonl p-2-of-3.jsonl
status_is 0 "parts are joined, in any order"
claim "to what one run writes" cmp whole.jsonl want.jsonl
claim "rejects as well" cmp whole.rejects want.rejects
rm whole.jsonl
meed merge -o whole.jsonl --rejects r p-1-of-3.jsonl p-3-of-3.jsonl
status_is 66 "a missing part"
claim "is named" has err 'of 3 parts 1 is missing: 2'
meed merge -o whole.jsonl --rejects r p-1-of-3.jsonl p-2-of-3.jsonl p-2-of-3.jsonl
status_is 65 "a part that is there twice"
claim "is named" has err 'are both part 2 of 3'
meed merge -o whole.jsonl p-1-of-3.jsonl p-2-of-3.jsonl p-3-of-3.jsonl
status_is 64 "rejects want a place"
cp p-2-of-3.jsonl.shard q.jsonl.shard
cp p-2-of-3.rejects q.rejects
sed 's/number 70/number 71/' p-2-of-3.jsonl >q.jsonl
meed merge -o whole.jsonl --rejects r p-1-of-3.jsonl q.jsonl p-3-of-3.jsonl
status_is 65 "a part that was changed"
claim "is named" has err 'q.jsonl was changed after it was made'
sed 2d p-2-of-3.jsonl.shard >q.jsonl.shard
cp p-2-of-3.jsonl q.jsonl
meed merge -o whole.jsonl --rejects r p-1-of-3.jsonl q.jsonl p-3-of-3.jsonl
claim "a block that is gone is noticed" has err 'a block is missing or there twice'
score -q --seed 5 --shard 2/3 -o q.jsonl --rejects q.rejects in.jsonl
meed merge -o whole.jsonl --rejects r p-1-of-3.jsonl q.jsonl p-3-of-3.jsonl
status_is 65 "a part of another run"
claim "is told by what differs" has err 'parts of different runs: their seed differs'
claim "no whole was made of these" test ! -e whole.jsonl
meed merge -o whole.jsonl want.jsonl
claim "a file that is no part is told how parts are made" has err 'it is written by meed score --shard'
score -q --shard 1/1 -o one.jsonl in.jsonl
score -q -o want.jsonl in.jsonl
claim "one part of one is the whole" cmp one.jsonl want.jsonl

# what schedulers say
unset RANK WORLD_SIZE
part() # part WHAT WANT VARIABLE=VALUE...
{
	part_what=$1 part_want=$2
	shift 2
	rm -f s-*
	env "$@" "$MEED_BIN" score -q -c a.conf -m tags --shard "${auto:-auto}" -o 's-{shard}' good.jsonl >out 2>err
	claim "$part_what" test -s "s-$part_want"
}
part "a Slurm array" 3-of-4 SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=4
part "one with a step" 2-of-3 SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_STEP=2
part "one with tasks" 4-of-4 SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=1 SLURM_PROCID=1 SLURM_NTASKS=2
part "Open MPI" 1-of-2 OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2
part "torchrun" 2-of-2 RANK=1 WORLD_SIZE=2
auto=auto/5 part "Kubernetes" 5-of-5 JOB_COMPLETION_INDEX=4
env JOB_COMPLETION_INDEX=4 "$MEED_BIN" score -c a.conf -m tags --shard auto -o 's-{shard}' good.jsonl >out 2>err
claim "Kubernetes without a number" has err 'say --shard auto/n'
env SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 \
	"$MEED_BIN" score -c a.conf -m tags --shard auto -o 's-{shard}' good.jsonl >out 2>err
claim "an array with gaps" has err 'this Slurm array has gaps'
score --shard auto -o 's-{shard}' good.jsonl
status_is 64 "no scheduler"
RANK=1 WORLD_SIZE=2 "$MEED_BIN" score -c a.conf -m tags --shard auto -o s good.jsonl >out 2>err
claim "outputs of one name" has err 'put {shard} into the name'
for word in 0/3 4/3 1/0 a/3 3 /; do
	score --shard $word -o s good.jsonl
	status_is 64 "--shard $word"
done
score --shard 1/2 good.jsonl
claim "a part needs a file" has err 'cannot be sharded: the output is no file'
finish
