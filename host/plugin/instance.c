/* instance.c - create and destroy of a model, with the context that create needs. */
#include "config.h"

#include "host/plugin/internal.h"

static const size_t create_arena_bytes = (size_t)256 << 20;

static int32_t create_verdict(const struct meed_ctx *c, const struct meed_model *m, int32_t code,
			      struct meed_err *err)
{
	if (c->code < 0)
		return meed_err_set(err, c->code, "%s", c->why.n ? c->why.p : "create failed");
	if (code >= MEED_E_INTERNAL && code < 0)
		return meed_err_set(err, code, "%s refused to be created (%s) without a reason",
				    m->rm.id, meed_err_name(code));
	if (code != MEED_OK)
		return meed_err_set(err, MEED_E_INTERNAL,
				    "%s: create returned %d: must be MEED_OK or an error", m->rm.id,
				    code);
	return 0;
}

int32_t meed_instance_create(const struct meed_registry *r, const struct meed_model *m,
			     const char *name, struct json_object *params, struct meed_err *err,
			     void **ret_self)
{
	struct meed_arena arena;
	struct meed_ctx c = { 0 };
	void *self = NULL;
	int32_t returned = MEED_OK, code;

	meed_arena_init(&arena, create_arena_bytes);
	c.reg = r;
	c.model = m;
	c.instance = name;
	c.phase = MEED_PHASE_CREATE;
	c.arena = &arena;
	if (m->rm.create)
		returned =
			m->rm.create(&r->host, &c, (const meed_val *)(const void *)params, &self);
	code = create_verdict(&c, m, returned, err);
	if (code == 0)
		*ret_self = self;
	else if (returned == MEED_OK) /* called fail, yet made something */
		meed_instance_destroy(r, m, self);
	meed_ctx_end(&c);
	meed_arena_release(&arena);
	return code;
}

void meed_instance_destroy(const struct meed_registry *r, const struct meed_model *m, void *self)
{
	if (self && m->rm.destroy)
		m->rm.destroy(&r->host, self);
}
