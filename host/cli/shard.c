/* shard.c - which part of a run this process is: --shard, and what schedulers say. */
#include "config.h"

#include "host/cli/scoring.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	SHARDS_MAX = 1000000
};

/* A process's number, from 0, among so many; n 0: not known. */
struct place {
	uint64_t i, n;
	const char *by;
};

static bool env_u64(const char *name, uint64_t *ret)
{
	const char *v = getenv(name);

	return v && cli_u64(v, UINT32_MAX, ret);
}

/* Processes that were started together: by torchrun, MPI or srun. */
static struct place find_rank(void)
{
	static const struct {
		const char *rank, *size, *by;
	} known[] = {
		{ "RANK", "WORLD_SIZE", "torchrun" },
		{ "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "Open MPI" },
		{ "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", "MVAPICH" },
		{ "PMI_RANK", "PMI_SIZE", "MPI" },
		{ "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "Slurm tasks" },
		{ "SLURM_PROCID", "SLURM_NTASKS", "Slurm tasks" },
	};
	struct place p = { 0 };

	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		if (!env_u64(known[k].rank, &p.i) || !env_u64(known[k].size, &p.n) || p.n < 2)
			continue;
		p.by = known[k].by;
		return p;
	}
	return (struct place){ 0, 1, NULL };
}

/* Jobs of a Slurm array. CLI_GO or a status. */
static int find_array(const struct cli *c, struct place *ret)
{
	uint64_t id, n, min, max, step = 1;

	*ret = (struct place){ 0, 1, NULL };
	if (!env_u64("SLURM_ARRAY_TASK_ID", &id) || !env_u64("SLURM_ARRAY_TASK_COUNT", &n) ||
	    !env_u64("SLURM_ARRAY_TASK_MIN", &min) || !env_u64("SLURM_ARRAY_TASK_MAX", &max))
		return CLI_GO;
	(void)env_u64("SLURM_ARRAY_TASK_STEP", &step);
	if (!step || id < min || max < min || (max - min) / step + 1 != n || (id - min) % step)
		return cli_usage(c, "--shard auto: this Slurm array has gaps: make it --array=1-N, "
				    "or say --shard i/n");
	*ret = (struct place){ (id - min) / step, n, "Slurm array" };
	return CLI_GO;
}

static int find_place(const struct cli *c, uint64_t wanted, struct place *ret)
{
	struct place rank = find_rank(), array;
	int status = find_array(c, &array);

	if (status != CLI_GO)
		return status;
	*ret = (struct place){ array.i * rank.n + rank.i, array.n * rank.n,
			       rank.by ? rank.by : array.by };
	if (ret->by)
		return CLI_GO;
	if (!env_u64("JOB_COMPLETION_INDEX", &ret->i))
		return cli_usage(c, "--shard auto: neither a Slurm array nor MPI, torchrun or an "
				    "indexed job of Kubernetes is to be seen: say --shard i/n");
	if (!wanted)
		return cli_usage(c, "--shard auto: Kubernetes does not tell how many completions a "
				    "job has: say --shard auto/n");
	*ret = (struct place){ ret->i, wanted, "Kubernetes" };
	return CLI_GO;
}

static int set_shard(const struct cli *c, struct scoring *s, const char *value, uint64_t i,
		     uint64_t n)
{
	if (n > SHARDS_MAX || i < 1 || i > n)
		return cli_usage(c, "--shard %s: i must be 1 to n, and n at most %d", value,
				 SHARDS_MAX);
	s->shard = (uint32_t)i;
	s->n_shards = (uint32_t)n;
	return CLI_GO;
}

int scoring_take_shard(const struct cli *c, struct scoring *s, const char *value)
{
	const char *slash = strchr(value, '/');
	uint64_t i = 0, n = 0;
	struct place p;
	char first[24];
	int status;

	(void)snprintf(first, sizeof(first), "%.*s",
		       (int)(slash && slash - value < 20 ? slash - value : 20), value);
	if ((slash && !cli_u64(slash + 1, UINT32_MAX, &n)) || (slash && !n))
		return cli_usage(c, "--shard %s: must be i/n, auto or auto/n", value);
	if (strcmp(first, "auto") != 0) {
		if (!slash || !cli_u64(first, UINT32_MAX, &i))
			return cli_usage(c, "--shard %s: must be i/n, auto or auto/n", value);
		return set_shard(c, s, value, i, n);
	}
	status = find_place(c, n, &p);
	if (status != CLI_GO)
		return status;
	if (n && n != p.n)
		return cli_usage(c, "--shard %s: %s says that there are %llu", value, p.by,
				 (unsigned long long)p.n);
	s->shard_by = p.by;
	return set_shard(c, s, value, p.i + 1, p.n);
}

/* A copy with {shard} replaced by "03-of-16"; NULL when out of memory. */
static char *expand(const struct scoring *s, const char *path)
{
	const char *at = strstr(path, SCORING_SHARD_MARK);
	char *ret = NULL, n[24];
	int width = snprintf(n, sizeof(n), "%u", s->n_shards);

	if (!at)
		return strdup(path);
	if (asprintf(&ret, "%.*s%0*u-of-%s%s", (int)(at - path), path, width, s->shard, n,
		     at + strlen(SCORING_SHARD_MARK)) < 0)
		return NULL;
	return ret;
}

int scoring_shard_name(const struct cli *c, struct scoring *s, const char **path)
{
	if (!*path || !s->n_shards)
		return CLI_GO;
	if (s->shard_by && strcmp(*path, "-") != 0 && !strstr(*path, SCORING_SHARD_MARK))
		return cli_usage(c,
				 "%s: with --shard auto each process must write a file of its "
				 "own: put " SCORING_SHARD_MARK " into the name, as in "
				 "part-" SCORING_SHARD_MARK ".jsonl",
				 *path);
	if (s->n_names == sizeof(s->names) / sizeof(s->names[0]))
		return cli_nomem(c);
	s->names[s->n_names] = expand(s, *path);
	if (!s->names[s->n_names])
		return cli_nomem(c);
	*path = s->names[s->n_names++];
	return CLI_GO;
}
