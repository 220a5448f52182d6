/* binding.c - what a run's bytes depend on. */
#include "config.h"

#include "host/engine/binding.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/engine/run.h"

enum {
	SHOWN = 60
}; /* bytes of a value in a message */

static void fact_name(struct meed_buf *b, const char *kind, const char *name)
{
	meed_buf_puts(b, kind);
	if (name) {
		meed_buf_putc(b, ' ');
		meed_buf_puts(b, name);
	}
	meed_buf_putc(b, '\0');
}

static void fact(struct meed_buf *b, const char *name, const char *value)
{
	fact_name(b, name, NULL);
	meed_buf_puts(b, value ? value : "not given");
	meed_buf_putc(b, '\0');
}

static void fact_u64(struct meed_buf *b, const char *name, uint64_t x)
{
	fact_name(b, name, NULL);
	meed_buf_u64(b, x);
	meed_buf_putc(b, '\0');
}

static void put_num(struct meed_buf *b, const char *before, double x)
{
	char text[32];

	meed_buf_puts(b, before);
	meed_buf_put(b, text, meed_dtoa(x, text));
}

/* ---- files --------------------------------------------------------------------------------------
 */

static int32_t put_inputs(struct meed_buf *b, const struct meed_run_opts *o, struct meed_err *err)
{
	struct stat st;

	for (size_t i = 0; i < o->n_inputs; i++) {
		if (stat(o->inputs[i], &st) < 0)
			return meed_err_set(err, MEED_E_NOINPUT, "%s: %s", o->inputs[i],
					    strerror(errno));
		meed_buf_printf(b, "input %zu", i + 1);
		meed_buf_putc(b, '\0');
		meed_buf_printf(b, "%s, %llu bytes", o->inputs[i], (unsigned long long)st.st_size);
		meed_buf_putc(b, '\0');
	}
	return MEED_OK;
}

/* A build without an id is told by its bytes. */
static int32_t put_file_digest(struct meed_buf *b, const char *path, struct meed_err *err)
{
	struct meed_digest d = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char page[16384];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, page, sizeof(page))) > 0)
		meed_digest_put(&d, page, (size_t)n);
	if (fd < 0 || n < 0) {
		int32_t r = meed_err_set(err, MEED_E_NOINPUT, "%s: %s", path, strerror(errno));

		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	(void)close(fd);
	meed_buf_printf(b, "%016llx", (unsigned long long)meed_digest_value(&d));
	return MEED_OK;
}

static int32_t put_plugins(struct meed_buf *b, const struct meed_plan *p, struct meed_err *err)
{
	int32_t r = MEED_OK;

	for (size_t i = 0; i < p->n_nodes && r == MEED_OK; i++) {
		const struct meed_module *m =
			p->nodes[i].is_instance ? p->nodes[i].model->module : NULL;
		bool known = !m;

		for (size_t k = 0; k < i && !known; k++)
			known = p->nodes[k].is_instance && p->nodes[k].model->module == m;
		if (known)
			continue;
		fact_name(b, "plugin", m->desc.id);
		meed_buf_printf(b, "version %s, build ", m->desc.version ? m->desc.version : "?");
		if (m->build_id[0])
			meed_buf_puts(b, m->build_id);
		else
			r = put_file_digest(b, m->path, err);
		meed_buf_putc(b, '\0');
	}
	return r;
}

/* ---- the plan ---------------------------------------------------------------------------------
 */

static void put_transforms(struct meed_buf *b, const struct meed_transform *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		meed_buf_printf(b, " %s", meed_transform_name(v[i].kind));
		put_num(b, " ", v[i].a);
		put_num(b, " ", v[i].b);
	}
}

static void put_instance(struct meed_buf *b, const struct meed_node *n)
{
	meed_buf_printf(b, "%s %s mode %u %s %s %s", n->model->rm.id,
			n->model->rm.version ? n->model->rm.version : "", n->mode,
			meed_aggregate_name(n->aggregate), n->both_orders ? "both" : "one",
			meed_steps_agg_name(n->steps_agg));
	meed_buf_printf(b, " endpoint %s ", n->endpoint ? n->endpoint : "");
	meed_json_write(b, n->params);
}

static void put_member(struct meed_buf *b, const struct meed_plan *p, const struct meed_member *m)
{
	meed_buf_printf(b, "; %s = %s", m->name, p->nodes[m->node].name);
	put_num(b, " weight ", m->weight);
	meed_buf_printf(b, " on_error %d", (int)m->on_error);
	put_num(b, " ", m->on_error_value);
	put_transforms(b, m->transforms, m->n_transforms);
	put_num(b, " below ", m->below);
	put_num(b, " above ", m->above);
	meed_buf_printf(b, "%s match %d %s", m->is_gate ? " gate" : "", (int)m->match_kind,
			m->pattern ? m->pattern : "");
	put_num(b, " from ", m->from);
	put_num(b, " to ", m->to);
}

static void put_nodes(struct meed_buf *b, const struct meed_plan *p)
{
	for (size_t i = 0; i < p->n_nodes; i++) {
		const struct meed_node *n = &p->nodes[i];

		fact_name(b, n->is_instance ? "instance" : "composition", n->name);
		if (n->is_instance)
			put_instance(b, n);
		else
			meed_buf_printf(b, "%s by %s otherwise %d", meed_combine_name(n->combine),
					n->chooser >= 0 ? p->nodes[n->chooser].name
					: n->key	? n->key
							: "share",
					n->otherwise);
		if (!n->is_instance) {
			put_num(b, " k ", n->k);
			put_num(b, " threshold ", n->threshold);
		}
		put_transforms(b, n->transforms, n->n_transforms);
		for (size_t k = 0; !n->is_instance && k < n->n_members; k++)
			put_member(b, p, &n->members[k]);
		meed_buf_putc(b, '\0');
	}
}

/* ---- endpoints --------------------------------------------------------------------------------
 */

/* True if the plan may ask it: an instance names it, as its endpoint or in a parameter. */
static bool is_named(const struct meed_plan *p, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < p->n_nodes && !found; i++) {
		const struct meed_node *n = &p->nodes[i];
		struct meed_buf text = { 0 }, quoted = { 0 };

		if (!n->is_instance)
			continue;
		if (n->endpoint && strcmp(n->endpoint, name) == 0)
			return true;
		if (!n->model->rm.resume)
			continue;
		meed_json_write(&text, n->params);
		meed_buf_json_str(&quoted, meed_str_of(name));
		meed_buf_putc(&text, '\0');
		meed_buf_putc(&quoted, '\0');
		found = text.failed || quoted.failed || strstr(text.p, quoted.p);
		meed_buf_release(&text);
		meed_buf_release(&quoted);
	}
	return found;
}

static void put_endpoint(struct meed_buf *b, const struct meed_endpoint *e)
{
	meed_buf_printf(b, "%s %s %s", e->kind, e->model ? e->model : "", e->file ? e->file : "");
	if (e->has_temperature)
		put_num(b, " temperature ", e->temperature);
	if (e->has_top_p)
		put_num(b, " top_p ", e->top_p);
	if (e->has_seed)
		meed_buf_printf(b, " seed %llu", (unsigned long long)e->seed);
	meed_buf_printf(b, " max_tokens %u structured %d extra %s", e->max_tokens,
			(int)e->structured, e->extra ? e->extra : "");
	for (size_t i = 0; i < e->n_members; i++)
		meed_buf_printf(b, "; %s", e->members[i].use);
}

static void put_endpoints(struct meed_buf *b, const struct meed_plan *p)
{
	struct meed_llm_conf llm;

	meed_conf_llm(p->conf, &llm);
	for (size_t i = 0; i < llm.n_endpoints; i++) {
		const struct meed_endpoint *e = &llm.endpoints[i];
		bool used = is_named(p, e->name);

		for (size_t g = 0; g < llm.n_endpoints && !used; g++)
			for (size_t k = 0; k < llm.endpoints[g].n_members && !used; k++)
				used = strcmp(llm.endpoints[g].members[k].use, e->name) == 0 &&
				       is_named(p, llm.endpoints[g].name);
		if (!used)
			continue;
		fact_name(b, "endpoint", e->name);
		put_endpoint(b, e);
		meed_buf_putc(b, '\0');
	}
}

/* ---- all of it ----------------------------------------------------------------------------------
 */

int32_t binding_put(struct meed_buf *b, const struct meed_engine *e, const struct meed_run_opts *o,
		    struct meed_err *err)
{
	char shard[64];
	int32_t r;

	fact(b, "meed", PACKAGE_VERSION);
	r = put_inputs(b, o, err);
	if (r < 0)
		return r;
	fact(b, "model", e->plan->name);
	fact_u64(b, "seed", e->opts.seed);
	fact(b, "--format", o->format);
	fact(b, "--map", o->map);
	fact(b, "--group-by", o->group_by);
	fact(b, "--rejects", o->rejects);
	fact(b, "--level",
	     o->level == MEED_LEVEL_SCORE    ? "score"
	     : o->level == MEED_LEVEL_REASON ? "reason"
					     : "full");
	fact(b, "--timings", o->timings ? "yes" : "no");
	fact(b, "--summary", o->summarise ? "yes" : "no");
	fact_u64(b, "run.max_line_bytes", o->max_line_bytes);
	(void)snprintf(shard, sizeof(shard), "%u/%u", o->n_shards ? o->shard : 1,
		       o->n_shards ? o->n_shards : 1);
	fact(b, "--shard", shard);
	put_nodes(b, e->plan);
	put_endpoints(b, e->plan);
	r = put_plugins(b, e->plan, err);
	if (r == MEED_OK && b->failed)
		r = meed_err_nomem(err);
	return r;
}

bool binding_next(meed_str *facts, meed_str *ret_name, meed_str *ret_value)
{
	meed_str *const parts[] = { ret_name, ret_value };

	for (size_t i = 0; i < 2; i++) {
		const char *end = facts->n ? memchr(facts->p, '\0', facts->n) : NULL;

		if (!end)
			return false;
		*parts[i] = (meed_str){ facts->p, (size_t)(end - facts->p) };
		facts->n -= parts[i]->n + 1;
		facts->p = end + 1;
	}
	return true;
}

meed_str binding_get(meed_str facts, meed_str name)
{
	meed_str k, v;

	while (binding_next(&facts, &k, &v))
		if (meed_str_eq(k, name))
			return v;
	return (meed_str){ NULL, 0 };
}

static void put_value(struct meed_buf *b, meed_str v, size_t from)
{
	size_t n;

	from = from > SHOWN / 3 ? from - SHOWN / 3 : 0;
	from = v.n > SHOWN ? from : 0;
	while (from && ((unsigned char)v.p[from] & 0xc0) == 0x80)
		from--;
	n = v.n - from < SHOWN ? v.n - from : SHOWN;
	while (from + n < v.n && ((unsigned char)v.p[from + n] & 0xc0) == 0x80)
		n++;
	meed_buf_printf(b, "\"%s%.*s%s\"", from ? "..." : "", (int)n, v.p + from,
			from + n < v.n ? "..." : "");
}

static void put_difference(struct meed_buf *b, meed_str name, meed_str then, meed_str now)
{
	size_t same = 0;

	meed_buf_puts(b, b->n ? "; " : "");
	meed_buf_put(b, name.p, name.n);
	if (!then.p) {
		meed_buf_puts(b, " is new");
	} else if (!now.p) {
		meed_buf_puts(b, " is gone");
	} else {
		while (same < then.n && same < now.n && then.p[same] == now.p[same])
			same++;
		meed_buf_puts(b, " was ");
		put_value(b, then, same);
		meed_buf_puts(b, ", is ");
		put_value(b, now, same);
	}
}

void binding_diff(struct meed_buf *b, meed_str then, meed_str now)
{
	const meed_str none = { NULL, 0 };
	meed_str list = now, k, v, old;

	while (binding_next(&list, &k, &v)) {
		old = binding_get(then, k);
		if (!old.p || !meed_str_eq(old, v))
			put_difference(b, k, old, v);
	}
	for (list = then; binding_next(&list, &k, &v);)
		if (!binding_get(now, k).p)
			put_difference(b, k, v, none);
}
