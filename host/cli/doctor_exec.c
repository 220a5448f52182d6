/* doctor_exec.c - meed doctor: the sandbox, and the programs of the runtimes. */
#include "config.h"

#include "host/cli/doctor.h"

static void put_sandbox(struct doctor *d, const struct meed_exec_conf *conf)
{
	struct meed_exec_probe p;
	bool unconfined = conf->sandbox.unconfined;

	meed_exec_probe(&conf->sandbox, &p);
	if (*p.bwrap_version)
		doctor_put(d, DOCTOR_OK, "bubblewrap", "%s", p.bwrap_version);
	else if (!unconfined)
		doctor_put(d, DOCTOR_WARN, "bubblewrap",
			   "not there: models that run programs need it (Debian: apt install "
			   "bubblewrap)");
	if (!p.able)
		doctor_put(d, DOCTOR_WARN, "sandbox", "%s", p.why);
	else if (unconfined)
		doctor_put(d, DOCTOR_WARN, "sandbox",
			   "programs run WITHOUT A CAGE (sandbox.unconfined, %s)",
			   conf->sandbox.where ? conf->sandbox.where : "sandbox");
	else
		doctor_put(
			d, DOCTOR_OK, "sandbox",
			"a program ran in a cage: namespaces and seccomp work; cgroups: %s; memory "
			"is limited by %s, processes by %s",
			p.cgroups, p.memory_limit ? "a cgroup" : "watching",
			p.pids_limit ? "a cgroup" : "watching");
}

static void put_runtime(struct doctor *d, const struct meed_exec_runtime *r)
{
	char why[512];

	if (meed_exec_missing(r, false, why, sizeof(why)))
		doctor_put(d, DOCTOR_WARN, "runtime", "%s", why);
	else if (r->check && meed_exec_missing(r, true, why, sizeof(why)))
		doctor_put(d, DOCTOR_WARN, "runtime", "%s: no syntax check: %s", r->name, why);
	else
		doctor_put(d, DOCTOR_OK, "runtime", "%s: %s", r->name,
			   r->compile ? r->compile[0] : r->run[0]);
}

void doctor_exec(struct doctor *d, const struct meed_conf *conf)
{
	const struct meed_exec_conf *x = meed_conf_exec(conf);

	if (x->n_runtimes == 0)
		return;
	put_sandbox(d, x);
	for (size_t i = 0; i < x->n_runtimes; i++)
		put_runtime(d, &x->runtimes[i]);
}
