/* The processes of the service as this machine would run them, whether it runs or not. */
#include "check/roles.h"

#include <signal.h>
#include <stdio.h>

#include "base/fd.h"
#include "role/program.h"
#include "role/sandbox.h"
#include "role/sandbox_rules.h"
#include "supervisor/process.h"

#define READY_WAIT_MS 10000

static const struct {
	enum control_role role;
	const char *user; /* the key that names it; NULL: root */
	const char *capabilities;
} rows[] = {
    {CONTROL_ROLE_HELPER, NULL, "setuid, setgid, dac_read_search, kill, setpcap"},
    {CONTROL_ROLE_READER, "run.parse_user", "no capabilities"},
    {CONTROL_ROLE_LOGREADER, "run.parse_user", "no capabilities"},
    {CONTROL_ROLE_SERVER, "run.user", "no capabilities"},
    {CONTROL_ROLE_VIEWER, "run.view_user", "no capabilities"},
    {CONTROL_ROLE_NOTIFIER, "run.notify_user", "no capabilities"},
    {CONTROL_ROLE_IDENTITY, "run.notify_user", "no capabilities"},
};

/* Whether it starts and proves what it is; then `filters` is what the kernel says of seccomp. */
static bool try_role(
    const struct role_config *facts, enum control_role role, unsigned *filters, struct error *err)
{
	struct confine_plan plan = confine_plan(facts, role);
	FD_AUTO int program = program_open(program_of(role), err);
	struct process process;
	struct frame frame;
	char how[128];
	bool ok = false;

	if (program < 0 || !process_start(&process, &plan, program,
			       role != CONTROL_ROLE_VIEWER ? facts : NULL, err))
		return false;
	error_set(err, "role_failed", "it does not say what it is");
	if (channel_wait(process.control, READY_WAIT_MS) &&
	    channel_receive(process.control, &frame) == CHANNEL_FRAME) {
		ok = process_prove(&process, &plan, &frame, err);
		*filters = sandbox_filters(process.status);
		frame_close(&frame);
	}
	/* It has shown what was asked; it has nothing to finish. */
	kill(process.pid, SIGKILL);
	(void)process_reap(&process, how, sizeof(how));
	return ok;
}

static void add_line(
    const struct role_config *facts, size_t i, unsigned filters, struct buffer *out)
{
	const char *user = rows[i].user != NULL ? role_config_get(facts, rows[i].user) : "root";
	bool unbounded = confine_plan(facts, rows[i].role).unbounded;
	unsigned landlock = sandbox_rules_abi();

	buffer_printf(out, "  %-10s %s, %s, %s", control_role_name(rows[i].role),
	    facts->privileged ? user : "as whoever starts it",
	    unbounded ? "all capabilities (a command prefix may need any)" : rows[i].capabilities,
	    filters > 0 ? "seccomp" : "no seccomp");
	if (landlock > 0)
		buffer_printf(out, ", Landlock %u\n", landlock);
	else
		buffer_append_string(out, ", no Landlock\n");
}

/* Each is started, proves itself, and is ended: what is listed was seen, and not read from a table.
 */
void check_roles(
    const struct role_config *facts, struct buffer *lines, struct problem_list *problems)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned filters = 0;
		struct error err;
		char text[640];

		if (try_role(facts, rows[i].role, &filters, &err)) {
			add_line(facts, i, filters, lines);
			continue;
		}
		snprintf(text, sizeof(text), "the %s cannot be run: %s",
		    control_role_name(rows[i].role), err.text);
		problem_add(problems, PROBLEM_FATAL, "role_failed", text,
		    "look at the messages above; install Postroom again where a file is missing");
	}
}
