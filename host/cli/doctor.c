/* doctor.c - meed doctor: what this installation has, what it lacks, and what to do about it. */
#include "config.h"

#include "host/cli/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void doctor_put(struct doctor *d, enum doctor_mark mark, const char *topic, const char *fmt, ...)
{
	static const char *const words[] = { "ok  ", "warn", "FAIL" };
	static const char *const paint[] = { "\033[32m", "\033[33m", "\033[31m" };
	char text[2048];
	va_list ap;
	size_t i;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (i = 0; text[i]; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	meed_buf_printf(&d->out, "%s%s%s  %-14s  %s\n", d->c->colour_out ? paint[mark] : "",
			words[mark], d->c->colour_out ? "\033[0m" : "", topic, text);
	d->n[mark]++;
}

static int run(struct cli *c, int argc, char **argv)
{
	struct doctor d = { .c = c };
	int status, first;

	status = cli_parse(c, argc, argv, NULL, NULL, &first);
	if (status != CLI_GO)
		return status;
	if (first < argc)
		return cli_usage(c, "unexpected argument \"%s\"", argv[first]);
	doctor_libraries(&d);
	doctor_machine(&d);
	doctor_conf(&d);
	doctor_tools(&d);
	meed_buf_printf(&d.out, "\n%zu ok, %zu to look at, %zu broken\n", d.n[DOCTOR_OK],
			d.n[DOCTOR_WARN], d.n[DOCTOR_FAIL]);
	status = cli_emit(c, &d.out);
	if (status == EX_OK && d.n[DOCTOR_FAIL] > 0)
		status = 1;
	meed_buf_release(&d.out);
	return status;
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.synopsis = "",
	.summary = "Tell what this installation has and lacks.",
	.conf = true,
	.notes = "Each line is ok, warn (something is less than it could be) or FAIL (something "
		 "will "
		 "not\nwork), with what to do. Ends with 0 if nothing failed, else with 1.",
	.run = run,
};
