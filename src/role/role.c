/* Both sides of a process's start: what the parent's child does between fork and exec, and what the
 * new program does before anything else. */
#include "role/role.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "role/sandbox.h"
#include "wire/channel.h"

/* Between exec and the program's first line only: its exec closes it. */
#define PROGRAM_FD (CONTROL_FD + 1)
/* Above all descriptors that have a fixed place. */
#define PARKED_FD 16
/* The supervisor sends the configuration before it forks. */
#define CONFIG_WAIT_MS 10000
/* The exit status of a process that could not become its role. */
#define START_FAILED 71

/* Processes find nothing of their parent's environment. With a zone that is named, libc reads its
 * file once; else it would look for another before each conversion of a time, and the sandbox of a
 * parser has no files. */
static const char *const environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/",
    "TZ=:/etc/localtime", NULL};

static const char *mode_of(const struct confine_plan *plan)
{
	if (!plan->privileged)
		return "unprivileged";
	return plan->unbounded ? "unbounded" : "privileged";
}

static _Noreturn void give_up(const struct role_launch *launch, const char *what)
{
	log_error("the %s cannot be started: %s", control_role_name(launch->plan.role), what);
	_exit(START_FAILED);
}

/* Each to its place. First out of the way of all places, as one may stand in another's. */
static void place_descriptors(const struct role_launch *launch)
{
	const int from[] = {launch->standard[0], launch->standard[1], launch->standard[2],
	    launch->control, launch->program};
	int parked[PROGRAM_FD + 1];

	for (int i = 0; i <= PROGRAM_FD; i++) {
		parked[i] = fcntl(from[i], F_DUPFD_CLOEXEC, PARKED_FD);
		if (parked[i] < 0)
			give_up(launch, strerror(errno));
	}
	for (int i = 0; i <= PROGRAM_FD; i++)
		if (dup3(parked[i], i, i == PROGRAM_FD ? O_CLOEXEC : 0) < 0)
			give_up(launch, strerror(errno));
	close_range(PROGRAM_FD + 1, ~0U, 0);
}

/* The parent has closed its end when it is done; or it is gone, and then so is the channel. */
static void wait_at_gate(int gate)
{
	char byte;

	while (gate >= 0 && read(gate, &byte, 1) < 0 && errno == EINTR)
		;
}

void role_become(const struct role_launch *launch)
{
	const char *name = control_role_name(launch->plan.role);
	char program[32], uid[16], gid[16];
	char *const argv[] = {
	    program, (char *)name, uid, gid, (char *)mode_of(&launch->plan), NULL};
	struct error err;
	sigset_t none;

	snprintf(program, sizeof(program), "postroom-%s", name);
	snprintf(uid, sizeof(uid), "%u", launch->plan.uid);
	snprintf(gid, sizeof(gid), "%u", launch->plan.gid);
	/* The parent opens /proc/PID/status before anything is given up here. */
	wait_at_gate(launch->gate);
	/* What a role makes is its own; the helper's tools are Postfix's. */
	if (launch->plan.role != CONTROL_ROLE_HELPER)
		umask(0077);
	setpgid(0, 0); /* Ctrl-C on a terminal is for the supervisor alone */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	place_descriptors(launch);
	/* While it has CAP_SYS_ADMIN: the helper cannot set no_new_privs instead. */
	if (launch->plan.role == CONTROL_ROLE_HELPER &&
	    !sandbox_close_root(launch->plan.foreign, &err))
		give_up(launch, err.text);
	if (!confine_apply(&launch->plan, &err))
		give_up(launch, err.text);
	/* After the change of user, which forgets it. */
	if (launch->dies_with_parent)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* By descriptor: the path of the executable may have another in its place by now. */
	syscall(SYS_execveat, PROGRAM_FD, "", argv, environment, AT_EMPTY_PATH);
	give_up(launch, strerror(errno));
}

bool role_parse_arguments(int argc, char **argv, struct confine_plan *plan)
{
	uint64_t uid, gid;

	*plan = (struct confine_plan){0};
	if (argc != 5 || !slice_to_u64(slice_of(argv[2]), &uid) || uid > UINT32_MAX ||
	    !slice_to_u64(slice_of(argv[3]), &gid) || gid > UINT32_MAX)
		return false;
	for (int role = 1; role < CONTROL_ROLES; role++)
		if (strcmp(argv[1], control_role_name((enum control_role)role)) == 0)
			plan->role = (enum control_role)role;
	plan->uid = (uint32_t)uid;
	plan->gid = (uint32_t)gid;
	plan->unbounded = strcmp(argv[4], "unbounded") == 0;
	plan->privileged = plan->unbounded || strcmp(argv[4], "privileged") == 0;
	return plan->role != 0 && (plan->privileged || strcmp(argv[4], "unprivileged") == 0);
}

static void name_process(enum control_role role)
{
	char name[16]; /* the kernel takes 15 bytes */

	snprintf(name, sizeof(name), "postroom-%s", control_role_name(role));
	prctl(PR_SET_NAME, name);
}

/* The supervisor's first frame; what else it sends stays in the channel for the role. */
static bool receive_config(struct role_config *config, struct error *err)
{
	struct channel *channel = channel_create(fcntl(CONTROL_FD, F_DUPFD_CLOEXEC, PARKED_FD));
	struct frame frame;
	bool ok = channel_wait(channel, CONFIG_WAIT_MS) &&
		  channel_receive(channel, &frame) == CHANNEL_FRAME;

	if (ok) {
		ok = role_config_decode(&frame, config);
		frame_close(&frame);
	}
	channel_destroy(&channel);
	return ok || error_set(err, "no_channel", "descriptor 3 is no control channel");
}

static bool send_ready(const struct control_ready *ready, struct error *err)
{
	BUFFER_AUTO struct buffer frame = {0};

	control_ready_encode(&frame, ready);
	return send(CONTROL_FD, frame.data, frame.len, MSG_NOSIGNAL) == (ssize_t)frame.len ||
	       error_set_errno(err, "no_channel", errno, "the control channel");
}

static bool enter(
    const struct confine_plan *plan, role_prepare *prepare, void *context, struct error *err)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};
	bool supervised = plan->role != CONTROL_ROLE_VIEWER;
	struct control_ready ready;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return error_set_errno(err, "unsafe", errno, "undumpable");
	/* The role checks itself before it closes its sandbox: afterwards it may not even look. */
	return confine_read(plan->role, &ready, err) && confine_check(plan, &ready, err) &&
	       (!supervised || receive_config(&config, err)) &&
	       (prepare == NULL || prepare(context, &config, err)) &&
	       sandbox_close(plan->role, &config, err) && send_ready(&ready, err);
}

enum control_role role_enter_prepared(int argc, char **argv, role_prepare *prepare, void *context)
{
	struct confine_plan plan;
	struct error err;

	if (!role_parse_arguments(argc, argv, &plan)) {
		fputs("postroom: roles are started by `postroom serve`\n", stderr);
		return 0;
	}
	log_init(control_role_name(plan.role), LOG_LEVEL_INFO);
	name_process(plan.role);
	if (enter(&plan, prepare, context, &err))
		return plan.role;
	log_error("does not start: %s", err.text);
	return 0;
}

enum control_role role_enter(int argc, char **argv)
{
	return role_enter_prepared(argc, argv, NULL, NULL);
}
