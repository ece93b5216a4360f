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

static void add(struct look *look, enum problem_severity severity, const char *code,
    const char *fix, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void add(struct look *look, enum problem_severity severity, const char *code,
    const char *fix, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	problem_add(&look->status->problems, severity, code, text, fix);
}

static const char *fact(const struct look *look, const char *name)
{
	return role_config_fact(look->config, name);
}

/* A fix that names the instance: "postfix -c DIR start". */
static const char *fix(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static const char *fix(char *out, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out, size, format, args);
	va_end(args);
	return out;
}

/* How the helper itself calls a command of Postfix: through the prefix, whose own instance needs no
 * -c. */
static const char *command(const struct look *look, char *out, size_t size, const char *name)
{
	const char *prefix = look->status->prefix ? look->config->prefix : "";
	bool named = prefix[0] == '\0' || strcmp(look->directory, "/etc/postfix") != 0;

	return fix(out, size, "%s%s%s%s%s", prefix, prefix[0] != '\0' ? " " : "", name,
	    named ? " -c " : "", named ? look->directory : "");
}

static void look_at_rights(struct look *look)
{
	look->status->root = geteuid() == 0;
	if (!look->status->root)
		add(look, PROBLEM_PARTIAL, "not_root",
		    "sudo systemctl start postroom, or: sudo postroom serve",
		    "Postroom was not started as root: it cannot read the queue files or run "
		    "postsuper");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		add(look, PROBLEM_PARTIAL, "no_new_privs",
		    "remove NoNewPrivileges=yes (and what implies it) from the unit of postroom",
		    "setgid programs do not work under no_new_privs, and postqueue is one");
}

static void look_at_program(struct look *look, const char *name)
{
	char path[512], how[256];

	snprintf(path, sizeof(path), "%s/%s", fact(look, "command_directory"), name);
	/* Asked of the system and not read from the mode: a mount with noexec counts too. */
	if (access(path, X_OK) == 0)
		return;
	look->status->postfix = false;
	add(look, PROBLEM_FATAL, "program_missing",
	    fix(how, sizeof(how),
		"install Postfix again (Debian: `apt-get install --reinstall postfix`)"),
	    "%s cannot be run: %s", path, strerror(errno));
}

/* postqueue and postdrop reach public/ and maildrop/ by their group alone. */
static void look_at_setgid(struct look *look, const char *name)
{
	const char *group_name = fact(look, "setgid_group");
	const char *number = role_config_get(look->config, "postfix.setgid_gid");
	char path[512], how[1200];
	struct stat st;
	uint32_t group;

	snprintf(path, sizeof(path), "%s/%s", fact(look, "command_directory"), name);
	if (stat(path, &st) != 0 ||
	    ((st.st_mode & S_ISGID) != 0 && group_find(number, &group) && st.st_gid == group))
		return;
	add(look, PROBLEM_PARTIAL, "setgid_wrong",
	    fix(how, sizeof(how), "chgrp %s %s && chmod 2555 %s", group_name, path, path),
	    "%s is not setgid %s: users cannot submit or list mail", path, group_name);
}

static void look_at_postfix(struct look *look)
{
	static const char *const programs[] = {
	    "postconf", "postqueue", "postsuper", "postcat", "postfix"};

	look->status->postfix = look->config->facts.known;
	if (!look->config->facts.known) {
		add(look, PROBLEM_FATAL, "postfix_missing",
		    look->status->prefix ? "try the command in postfix.command_prefix by hand, "
					   "followed by: postconf mail_version"
					 : "install Postfix, or set postfix.config_directory to "
					   "the directory of its main.cf",
		    "Postfix did not answer: %s",
		    look->config->facts.error != NULL ? look->config->facts.error : "");
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
	char how[512];
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
		add(look, PROBLEM_FATAL, "postfix_stopped",
		    fix(how, sizeof(how), "postfix -c %s start", look->directory),
		    "the mail system is not running: nothing is delivered, and nothing retried");
		/* One cause, one problem: sockets that nobody serves would only repeat it. */
		return; /* then nobody answers */
	}
	if (!look->status->showq)
		add(look, PROBLEM_PARTIAL, "showq_unreachable",
		    fix(how, sizeof(how),
			"look at `ls -l %s/public`, and at the showq line in %s/master.cf",
			fact(look, "queue_directory"), look->directory),
		    "%s/public/showq: %s", fact(look, "queue_directory"), strerror(showq_error));
	if (!look->status->flush)
		add(look, PROBLEM_PARTIAL, "flush_unreachable",
		    fix(how, sizeof(how),
			"look at `ls -l %s/public`, and at the flush line in %s/master.cf",
			fact(look, "queue_directory"), look->directory),
		    "%s/public/flush: %s; single messages cannot be retried",
		    fact(look, "queue_directory"), strerror(flush_error));
}

static void look_at_spool(struct look *look)
{
	struct spool spool;
	int error = spool_open(&spool, look->config);
	const char *where = "";
	char how[512];

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
		add(look, PROBLEM_PARTIAL, "spool_unreadable",
		    error == ENOENT
			? fix(how, sizeof(how), "`postfix -c %s check` makes missing directories",
			      look->directory)
			: "start Postroom as root (`sudo systemctl start postroom`); in a "
			  "container, "
			  "mount the queue "
			  "directory or set postfix.command_prefix",
		    "%s/%s cannot be read: %s; the queue comes from postqueue instead, with less "
		    "detail",
		    fact(look, "queue_directory"), where, strerror(error));
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
	char how[700];
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
	fix(how, sizeof(how),
	    "make room: `df -h %s; df -i %s` tell how much there is, `postroom delete FILTER "
	    "--undo "
	    "0` removes what nobody wants at once",
	    spool, spool);
	if (left <= minimum)
		add(look, PROBLEM_FATAL, "spool_full", how,
		    "the file system of %s has %.1f MiB left: Postfix takes no mail over SMTP (452 "
		    "4.3.1 Insufficient system storage) below %.1f MiB, which is 1.5 * "
		    "message_size_limit or queue_minfree",
		    spool, left / MIB, minimum / MIB);
	else if (left < 2 * minimum)
		add(look, PROBLEM_PARTIAL, "spool_low", how,
		    "the file system of %s has %.1f MiB left; at %.1f MiB Postfix takes no more "
		    "mail "
		    "over SMTP (1.5 * message_size_limit, or queue_minfree)",
		    spool, left / MIB, minimum / MIB);
	if (fs.f_files > 0 && fs.f_favail < INODES_LOW)
		add(look, fs.f_favail == 0 ? PROBLEM_FATAL : PROBLEM_PARTIAL, "spool_inodes", how,
		    "the file system of %s has %llu inodes left: each message in the queue needs "
		    "one, "
		    "and each that was deferred two",
		    spool, (unsigned long long)fs.f_favail);
}

static void look_at_watches(struct look *look)
{
	BUFFER_AUTO struct buffer why = {0}, how = {0};
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
	if (how.len == 0)
		buffer_append_string(&how, "put the queue directory on a local file system, or see "
					   "to the error");
	add(look, PROBLEM_PARTIAL, "not_watched", buffer_string(&how),
	    "what changes in the queue is seen up to a minute late: %s", buffer_string(&why));
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
	char path[512], how[512];
	struct stat dir, file;
	uint64_t marks;

	/* Then nothing will be written, and nothing that is in the way of it matters. */
	if (strcmp(role_config_get(look->config, "settings.write"), "no") == 0)
		return;
	snprintf(path, sizeof(path), "%s/main.cf", look->directory);
	marks = attributes(path);
	if (lstat(path, &file) != 0 || stat(look->directory, &dir) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_missing",
		    "set postfix.config_directory in postroom.conf to the directory of main.cf",
		    "%s: %s", path, strerror(errno));
		/* postconf writes a new file and renames it over the old one. A link, a mount or a
		 * mark on the file is in the way of that. */
	} else if (S_ISLNK(file.st_mode)) {
		add(look, PROBLEM_PARTIAL, "main_cf_symlink",
		    fix(how, sizeof(how), "set `settings.write = no`, or make %s a regular file",
			path),
		    "%s is a symbolic link, which postconf -e would replace", path);
	} else if (file.st_dev != dir.st_dev || (marks & STATX_ATTR_MOUNT_ROOT) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_mounted",
		    fix(how, sizeof(how),
			"set `settings.write = no`, or mount the directory %s and not the file",
			look->directory),
		    "%s is a mount point of its own: it cannot be replaced, as postconf -e does",
		    path);
	} else if (((marks | attributes(look->directory)) & STATX_ATTR_IMMUTABLE) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_read_only",
		    fix(how, sizeof(how), "`chattr -i %s %s`, or set `settings.write = no`",
			look->directory, path),
		    "%s is marked as immutable", path);
	} else if (access(look->directory, W_OK) != 0 || access(path, W_OK) != 0) {
		add(look, PROBLEM_PARTIAL, "main_cf_read_only",
		    fix(how, sizeof(how), "make %s writable for root, or set `settings.write = no`",
			look->directory),
		    "%s cannot be written: %s", path, strerror(errno));
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
		add(look, PROBLEM_PARTIAL, "log_not_found",
		    "set postfix.log in postroom.conf to the file that Postfix logs to, or "
		    "postfix.log_command",
		    "delivery attempts cannot be shown: %s", what);
	} else if (kind == HELPER_LOG_PLAIN) {
		FD_AUTO int fd = open(what, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0) {
			look->status->log = false;
			add(look, PROBLEM_PARTIAL, "log_unreadable",
			    "start Postroom as root, or set postfix.log in postroom.conf to the "
			    "right file",
			    "%s cannot be read: %s", what, strerror(errno));
		}
	}
}

static void look_at_sandbox(struct look *look)
{
	char lacks[256];

	sandbox_lacks(lacks, sizeof(lacks));
	if (lacks[0] != '\0')
		add(look, sandbox_is_required(look->config) ? PROBLEM_FATAL : PROBLEM_ADVICE,
		    "sandbox_partial",
		    "use a kernel with Landlock 6 (Linux 6.12) and seccomp, and let the service "
		    "have CAP_SYS_ADMIN to begin with; run.sandbox in postroom.conf says whether "
		    "it runs without",
		    "the sandbox of the service is not whole: %s", lacks);
}

static void look_at_advice(struct look *look)
{
	char how[512], postconf[256], postfix[256];
	int version = postfix_version(fact(look, "mail_version"));

	if (strcmp(fact(look, "enable_long_queue_ids"), "no") == 0)
		add(look, PROBLEM_ADVICE, "short_queue_ids",
		    fix(how, sizeof(how), "%s -e enable_long_queue_ids=yes && %s reload",
			command(look, postconf, sizeof(postconf), "postconf"),
			command(look, postfix, sizeof(postfix), "postfix")),
		    "queue IDs are short and used again for other messages: deleting goes through "
		    "hold to be "
		    "safe, and histories of two messages can meet under one ID");
	/* 305 is 3.5, the first with `postsuper -e`; 0 is a version that could not be read. */
	if (version > 0 && version < 305)
		add(look, PROBLEM_ADVICE, "no_bounce", "upgrade Postfix to 3.5 or later",
		    "Postfix %s cannot return messages to their senders on demand (postsuper -e)",
		    fact(look, "mail_version"));
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
