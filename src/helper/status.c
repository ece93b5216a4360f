/* Tries what works on this host, and says of everything that does not how it is put right. Each
 * look_at_... function sees to one thing and adds a problem with its fix. The texts are shown by
 * `postroom check`, by the page and in the log, word for word. */
#include "helper/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/said.h"
#include "base/users.h"
#include "helper/logs.h"
#include "helper/qmgr.h"
#include "helper/spool.h"
#include "helper/watches.h"
#include "postfix/version.h"
#include "role/sandbox.h"

struct look {
	const struct role_config *config;
	struct helper_status *status;
	const char *directory; /* of the configuration */
};

/* A problem and its fix, said with the same values: each takes those that it names. */
static void add(struct look *look, enum problem_severity severity, const char *code,
    enum said_code says, enum said_code how, size_t count, ...)
{
	SAID_AUTO struct said text = {0}, fix = {0};
	struct said_value values[SAID_VALUES_MAX];
	va_list args;

	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	said_put_values(&text, says, values, count);
	said_put_values(&fix, how, values, count);
	problem_say(&look->status->problems, severity, code, &text, &fix);
}

static const char *fact(const struct look *look, const char *name)
{
	return role_config_fact(look->config, name);
}

static struct said_value string(const char *name, const char *text)
{
	return said_text(name, slice_of(text));
}

/* What the system says of an errno. */
static struct said_value system_says(int number)
{
	return string("error", strerror(number));
}

/* How the helper itself calls a command of Postfix: through the prefix, whose own instance needs no
 * -c. */
static const char *command(const struct look *look, char *out, size_t size, const char *name)
{
	const char *prefix = look->status->prefix ? look->config->prefix : "";
	bool named = prefix[0] == '\0' || strcmp(look->directory, "/etc/postfix") != 0;

	snprintf(out, size, "%s%s%s%s%s", prefix, prefix[0] != '\0' ? " " : "", name,
	    named ? " -c " : "", named ? look->directory : "");
	return out;
}

static void look_at_rights(struct look *look)
{
	look->status->root = geteuid() == 0;
	if (!look->status->root)
		add(look, PROBLEM_PARTIAL, "not_root", SAID_NOT_ROOT, SAID_NOT_ROOT_FIX, 0);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		add(look, PROBLEM_PARTIAL, "no_new_privs", SAID_NO_NEW_PRIVS, SAID_NO_NEW_PRIVS_FIX,
		    0);
}

static void look_at_program(struct look *look, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", fact(look, "command_directory"), name);
	/* Asked of the system and not read from the mode: a mount with noexec counts too. */
	if (access(path, X_OK) == 0)
		return;
	look->status->postfix = false;
	add(look, PROBLEM_FATAL, "program_missing", SAID_PROGRAM_MISSING, SAID_PROGRAM_MISSING_FIX,
	    2, string("path", path), system_says(errno));
}

/* postqueue and postdrop reach public/ and maildrop/ by their group alone. */
static void look_at_setgid(struct look *look, const char *name)
{
	const char *group_name = fact(look, "setgid_group");
	const char *number = role_config_get(look->config, "postfix.setgid_gid");
	char path[512];
	struct stat st;
	uint32_t group;

	snprintf(path, sizeof(path), "%s/%s", fact(look, "command_directory"), name);
	if (stat(path, &st) != 0 ||
	    ((st.st_mode & S_ISGID) != 0 && group_find(number, &group) && st.st_gid == group))
		return;
	add(look, PROBLEM_PARTIAL, "setgid_wrong", SAID_SETGID_WRONG, SAID_SETGID_WRONG_FIX, 2,
	    string("path", path), string("group", group_name));
}

static void look_at_postfix(struct look *look)
{
	static const char *const programs[] = {
	    "postconf", "postqueue", "postsuper", "postcat", "postfix"};

	look->status->postfix = look->config->facts.known;
	if (!look->config->facts.known) {
		add(look, PROBLEM_FATAL, "postfix_missing", SAID_POSTFIX_MISSING,
		    look->status->prefix ? SAID_POSTFIX_MISSING_PREFIX_FIX
					 : SAID_POSTFIX_MISSING_FIX,
		    1,
		    string("error",
			look->config->facts.error != NULL ? look->config->facts.error : ""));
		return;
	}
	if (look->status->prefix)
		return;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		look_at_program(look, programs[i]);
	look_at_setgid(look, "postqueue");
	look_at_setgid(look, "postdrop");
}

static void look_at_sockets(struct look *look)
{
	struct said_value directory = string("directory", look->directory);
	struct said_value queue = string("queue", fact(look, "queue_directory"));
	struct helper_qmgr qmgr;
	int showq_error, flush_error;

	qmgr = qmgr_look(look->config);
	look->status->showq = spool_is_served(look->config, "showq");
	showq_error = errno;
	look->status->flush = spool_is_served(look->config, "flush");
	flush_error = errno;
	/* In another container no process can be seen. Then a served socket stands for a mail
	 * system that runs. */
	look->status->running_since = qmgr.alive ? qmgr.master_started_us / 1000000 : 0;
	look->status->running = qmgr.alive || (!qmgr.known && look->status->showq);
	if (!look->status->running && qmgr.known) {
		add(look, PROBLEM_FATAL, "postfix_stopped", SAID_POSTFIX_STOPPED,
		    SAID_POSTFIX_STOPPED_FIX, 1, directory);
		/* One cause, one problem: sockets that nobody serves would only repeat it. */
		return; /* then nobody answers */
	}
	if (!look->status->showq)
		add(look, PROBLEM_PARTIAL, "showq_unreachable", SAID_SHOWQ_UNREACHABLE,
		    SAID_SHOWQ_UNREACHABLE_FIX, 3, queue, directory, system_says(showq_error));
	if (!look->status->flush)
		add(look, PROBLEM_PARTIAL, "flush_unreachable", SAID_FLUSH_UNREACHABLE,
		    SAID_FLUSH_UNREACHABLE_FIX, 3, queue, directory, system_says(flush_error));
}

static void look_at_spool(struct look *look)
{
	struct spool spool;
	int error = spool_open(&spool, look->config);
	const char *where = "";

	/* Each is opened, since a security module or a mount can forbid what the modes allow. */
	for (unsigned q = QUEUE_MAILDROP; error == 0 && q <= QUEUE_HOLD; q++) {
		FD_AUTO int fd = spool_open_directory(spool.root, queue_directory_name(q));

		if (fd < 0) {
			error = errno;
			where = queue_directory_name(q);
		}
	}
	spool_close(&spool);
	look->status->spool = error == 0;
	if (error != 0)
		add(look, PROBLEM_PARTIAL, "spool_unreadable", SAID_SPOOL_UNREADABLE,
		    error == ENOENT ? SAID_SPOOL_UNREADABLE_MISSING_FIX : SAID_SPOOL_UNREADABLE_FIX,
		    4, string("queue", fact(look, "queue_directory")), string("where", where),
		    string("directory", look->directory), system_says(error));
}

/* The bytes below which smtpd takes no mail (smtpd_check_queue): 1.5 * message_size_limit, or
 * queue_minfree where that is more. */
static double smtpd_minimum(const struct look *look)
{
	uint64_t minfree = 0, limit = 0;

	(void)slice_to_u64(slice_of(fact(look, "queue_minfree")), &minfree);
	(void)slice_to_u64(slice_of(fact(look, "message_size_limit")), &limit);
	return (double)minfree > 1.5 * (double)limit ? (double)minfree : 1.5 * (double)limit;
}

/* Said before it happens: below twice that minimum, or with less than a thousand inodes. */
#define INODES_LOW 1000
#define MIB ((double)(1 << 20))

static void look_at_disk(struct look *look)
{
	const char *spool = fact(look, "queue_directory");
	double minimum = smtpd_minimum(look), left;
	char mib_left[32], mib_least[32];
	struct statvfs fs;

	if (statvfs(spool, &fs) != 0)
		return; /* look_at_spool has said so */
	look->status->bytes_free = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	look->status->bytes = (int64_t)fs.f_blocks * (int64_t)fs.f_frsize;
	/* Some file systems make inodes as they are needed, and tell 0. */
	if (fs.f_files > 0) {
		look->status->inodes_free = (int64_t)fs.f_favail;
		look->status->inodes = (int64_t)fs.f_files;
	}
	/* f_bavail is what is there for others than root, and Postfix's daemons are not root. */
	left = (double)fs.f_bavail * (double)fs.f_frsize;
	snprintf(mib_left, sizeof(mib_left), "%.1f", left / MIB);
	snprintf(mib_least, sizeof(mib_least), "%.1f", minimum / MIB);
	if (left <= minimum)
		add(look, PROBLEM_FATAL, "spool_full", SAID_SPOOL_FULL, SAID_SPOOL_ROOM_FIX, 3,
		    string("queue", spool), string("left", mib_left), string("minimum", mib_least));
	else if (left < 2 * minimum)
		add(look, PROBLEM_PARTIAL, "spool_low", SAID_SPOOL_LOW, SAID_SPOOL_ROOM_FIX, 3,
		    string("queue", spool), string("left", mib_left), string("minimum", mib_least));
	if (fs.f_files > 0 && fs.f_favail < INODES_LOW)
		add(look, fs.f_favail == 0 ? PROBLEM_FATAL : PROBLEM_PARTIAL, "spool_inodes",
		    SAID_SPOOL_INODES, SAID_SPOOL_ROOM_FIX, 2, string("queue", spool),
		    said_number("inodes", (int64_t)fs.f_favail));
}

static void look_at_watches(struct look *look)
{
	BUFFER_AUTO struct buffer why = {0}, how = {0}, late = {0};
	SAID_AUTO struct said text = {0}, fix = {0};
	struct spool spool;
	int error;

	if (spool_open(&spool, look->config) == 0) {
		error = watches_try(&spool);
		if (error != 0)
			watches_explain(error, fact(look, "queue_directory"), &why, &how);
		else
			watches_explain_need(&spool, &why, &how);
	}
	spool_close(&spool);
	if (why.len == 0)
		return; /* all is well, or the spool is not, which is said already */
	buffer_printf(&late, "what changes in the queue is seen up to a minute late: %s",
	    buffer_string(&why));
	said_verbatim(&text, buffer_slice(&late));
	if (how.len == 0)
		said_put(&fix, SAID_NOT_WATCHED_FIX, 0);
	else
		said_verbatim(&fix, buffer_slice(&how));
	problem_say(&look->status->problems, PROBLEM_PARTIAL, "not_watched", &text, &fix);
}

/* What statx(2) knows beyond stat: STATX_ATTR_MOUNT_ROOT (a file bound over main.cf has the same
 * device when it comes from the same file system), STATX_ATTR_IMMUTABLE (chattr +i). 0 where the
 * kernel or the file system cannot tell. */
static uint64_t attributes(const char *path)
{
	struct statx x;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, &x) != 0)
		return 0;
	return x.stx_attributes & x.stx_attributes_mask;
}

static void look_at_settings(struct look *look)
{
	char path[512];
	struct said_value directory = string("directory", look->directory);
	struct said_value file_path;
	struct stat dir, file;
	uint64_t marks;

	/* Then nothing will be written, and nothing that is in the way of it matters. */
	if (strcmp(role_config_get(look->config, "settings.write"), "no") == 0)
		return;
	snprintf(path, sizeof(path), "%s/main.cf", look->directory);
	file_path = string("path", path);
	marks = attributes(path);
	if (lstat(path, &file) != 0 || stat(look->directory, &dir) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_missing", SAID_MAIN_CF_MISSING,
		    SAID_MAIN_CF_MISSING_FIX, 2, file_path, system_says(errno));
		/* postconf writes a new file and renames it over the old one. A link, a mount or a
		 * mark on the file is in the way of that. */
	} else if (S_ISLNK(file.st_mode)) {
		add(look, PROBLEM_PARTIAL, "main_cf_symlink", SAID_MAIN_CF_SYMLINK,
		    SAID_MAIN_CF_SYMLINK_FIX, 1, file_path);
	} else if (file.st_dev != dir.st_dev || (marks & STATX_ATTR_MOUNT_ROOT) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_mounted", SAID_MAIN_CF_MOUNTED,
		    SAID_MAIN_CF_MOUNTED_FIX, 2, file_path, directory);
	} else if (((marks | attributes(look->directory)) & STATX_ATTR_IMMUTABLE) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_read_only", SAID_MAIN_CF_IMMUTABLE,
		    SAID_MAIN_CF_IMMUTABLE_FIX, 2, file_path, directory);
	} else if (access(look->directory, W_OK) != 0 || access(path, W_OK) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_read_only", SAID_MAIN_CF_READ_ONLY,
		    SAID_MAIN_CF_READ_ONLY_FIX, 3, file_path, directory, system_says(errno));
	} else {
		look->status->settings = true;
	}
}

static void look_at_log(struct look *look)
{
	BUFFER_AUTO struct buffer text = {0};
	enum helper_log_kind kind = logs_find(look->config, NULL, &text);
	const char *what = buffer_string(&text);

	look->status->log = kind != HELPER_LOG_NONE;
	if (kind == HELPER_LOG_NONE) {
		BUFFER_AUTO struct buffer sentence = {0};
		SAID_AUTO struct said says = {0}, fix = {0};

		buffer_printf(&sentence, "delivery attempts cannot be shown: %s", what);
		said_verbatim(&says, buffer_slice(&sentence));
		said_put(&fix, SAID_LOG_NOT_FOUND_FIX, 0);
		problem_say(&look->status->problems, PROBLEM_PARTIAL, "log_not_found", &says, &fix);
	} else if (kind == HELPER_LOG_PLAIN) {
		FD_AUTO int fd = open(what, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0) {
			look->status->log = false;
			add(look, PROBLEM_PARTIAL, "log_unreadable", SAID_LOG_UNREADABLE,
			    SAID_LOG_UNREADABLE_FIX, 2, string("path", what), system_says(errno));
		}
	}
}

static void look_at_sandbox(struct look *look)
{
	char lacks[256];

	sandbox_lacks(lacks, sizeof(lacks));
	if (lacks[0] != '\0')
		add(look, sandbox_is_required(look->config) ? PROBLEM_FATAL : PROBLEM_ADVICE,
		    "sandbox_partial", SAID_SANDBOX_PARTIAL, SAID_SANDBOX_PARTIAL_FIX, 1,
		    string("lacks", lacks));
}

static void look_at_advice(struct look *look)
{
	char postconf[256], postfix[256];
	int version = postfix_version(fact(look, "mail_version"));

	if (strcmp(fact(look, "enable_long_queue_ids"), "no") == 0)
		add(look, PROBLEM_ADVICE, "short_queue_ids", SAID_SHORT_QUEUE_IDS,
		    SAID_SHORT_QUEUE_IDS_FIX, 2,
		    string("postconf", command(look, postconf, sizeof(postconf), "postconf")),
		    string("postfix", command(look, postfix, sizeof(postfix), "postfix")));
	/* 305 is 3.5, the first with `postsuper -e`; 0 is a version that could not be read. */
	if (version > 0 && version < 305)
		add(look, PROBLEM_ADVICE, "no_bounce", SAID_NO_BOUNCE, SAID_NO_BOUNCE_FIX, 1,
		    string("version", fact(look, "mail_version")));
}

void status_look(const struct role_config *config, bool try_watches, struct helper_status *status)
{
	struct look look = {config, status, role_config_get(config, "postfix.config_directory")};

	*status =
	    (struct helper_status){.prefix = config->prefix != NULL && config->prefix[0] != '\0',
		.bytes_free = -1,
		.bytes = -1,
		.inodes_free = -1,
		.inodes = -1};
	look_at_rights(&look);
	look_at_sandbox(&look);
	look_at_postfix(&look);
	if (status->postfix && !status->prefix) {
		look_at_sockets(&look);
		look_at_spool(&look);
		look_at_disk(&look);
		if (try_watches)
			look_at_watches(&look);
		look_at_settings(&look);
	}
	if (status->prefix) {
		status->settings = status->postfix;
		status->running = status->postfix;
	}
	/* postsuper refuses everybody but root; a prefix is expected to see to that on its side. */
	status->actions = status->postfix && (status->root || status->prefix);
	look_at_log(&look);
	if (status->postfix)
		look_at_advice(&look);
}
