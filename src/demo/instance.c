/* Makes the tree of files, tries what the kernel allows for names of its own, and runs Postfix's
 * commands on it. */
#include "demo/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "demo/config_text.h"
#include "demo/program.h"

#define POSTFIX_COMMAND "/usr/sbin/postfix"
/* Open directories while a tree is removed. */
#define REMOVE_DEPTH 16

/* Programs that only another mail server brings. */
static const struct {
	const char *path;
	const char *name;
} other_servers[] = {
    {"/usr/sbin/exim4", "Exim"},
    {"/usr/sbin/exim", "Exim"},
    {"/usr/lib/sm.bin/sendmail", "Sendmail"},
    {"/usr/sbin/sendmail-mta", "Sendmail"},
    {"/usr/sbin/smtpctl", "OpenSMTPD"},
    {"/usr/sbin/courier", "Courier"},
    {"/var/qmail/bin/qmail-send", "qmail"},
    {"/usr/sbin/nullmailer-send", "nullmailer"},
    {"/usr/sbin/dma", "DragonFly Mail Agent"},
    {"/usr/sbin/ssmtp", "sSMTP"},
};

bool instance_check_machine(struct error *err)
{
	/* Some of them bring a sendmail command or files in the same places: nothing of theirs may
	 * be used. */
	for (size_t i = 0; i < sizeof(other_servers) / sizeof(other_servers[0]); i++)
		if (access(other_servers[i].path, F_OK) == 0)
			return error_set(err, "other_mail_server",
			    "another mail server is installed here (%s, %s); the demo does not go "
			    "near it",
			    other_servers[i].name, other_servers[i].path);
	if (access(POSTFIX_COMMAND, X_OK) != 0 || getpwnam("postfix") == NULL)
		return error_set(
		    err, "no_postfix", "Postfix is not installed (apt install postfix)");
	if (geteuid() != 0)
		return error_set(err, "not_root", "Postfix needs root; try sudo");
	return true;
}

static void path_in(const struct instance *in, const char *name, char out[INSTANCE_PATH_MAX * 2])
{
	snprintf(out, INSTANCE_PATH_MAX * 2, "%s/%s", in->dir, name);
}

/* A file that is newer than two seconds may still be changing, to Postfix: each of its programs
 * that reads one waits. These are whole, so they are dated back, and the demo begins two seconds
 * sooner. */
#define WHOLE_SINCE_SECONDS 10

static bool write_file(
    const struct instance *in, const char *name, const struct buffer *text, struct error *err)
{
	char path[INSTANCE_PATH_MAX * 2];
	const time_t then = time(NULL) - WHOLE_SINCE_SECONDS;
	const struct timespec times[] = {{.tv_sec = then}, {.tv_sec = then}};
	FD_AUTO int fd = -1;

	path_in(in, name, path);
	/* /var/tmp is everybody's; only a file that we made is written. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || fchmod(fd, 0644) < 0 || !fd_write_all(fd, text->data, text->len) ||
	    futimens(fd, times) < 0)
		return error_set_errno(err, "io_error", errno, "%s", path);
	return true;
}

static bool make_directory(
    const struct instance *in, const char *name, uid_t owner, struct error *err)
{
	char path[INSTANCE_PATH_MAX * 2];

	path_in(in, name, path);
	if (mkdir(path, 0755) < 0 || chmod(path, 0755) < 0 || chown(path, owner, (gid_t)-1) < 0)
		return error_set_errno(err, "io_error", errno, "%s", path);
	return true;
}

static bool make_tree(struct instance *in, struct error *err)
{
	const struct passwd *postfix = getpwnam("postfix");

	if (postfix == NULL)
		return error_set(err, "no_postfix", "there is no user postfix");
	snprintf(in->dir, sizeof(in->dir), "/var/tmp/postroom-demo-XXXXXX");
	if (mkdtemp(in->dir) == NULL) {
		/* So that instance_remove has nothing to remove. */
		in->dir[0] = '\0';
		return error_set_errno(err, "io_error", errno, "/var/tmp");
	}
	snprintf(
	    in->config, sizeof(in->config), "%.*s/postfix", (int)sizeof(in->config) - 16, in->dir);
	/* Postfix's own users must get through. */
	if (chmod(in->dir, 0755) < 0)
		return error_set_errno(err, "io_error", errno, "%s", in->dir);
	return make_directory(in, "postfix", 0, err) && make_directory(in, "spool", 0, err) &&
	       make_directory(in, "data", postfix->pw_uid, err) &&
	       make_directory(in, "etc", 0, err) && make_directory(in, "spool/etc", 0, err);
}

/* What the private Postfix reads of names and lookups, in /etc. */
static const char *const name_files[] = {"hosts", "nsswitch.conf", "resolv.conf"};
#define NAME_FILE_COUNT (sizeof(name_files) / sizeof(name_files[0]))

static void path_in_etc(size_t i, char out[64])
{
	snprintf(out, 64, "/etc/%s", name_files[i]);
}

/* Containers often forbid what changes a process's view of the files: a child of ours tries. */
static bool works_in_child(bool (*enter)(void))
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return false;
	if (pid == 0)
		_exit(enter() ? 0 : 1);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool enter_namespace(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool enter_jail(void)
{
	return chroot("/") == 0;
}

/* Whether Postfix may have a mount namespace. One can mount only over what is there: a resolv.conf
 * may be missing, or point to a resolver that is not. */
static bool namespace_works(void)
{
	char path[64];

	for (size_t i = 0; i < NAME_FILE_COUNT; i++) {
		path_in_etc(i, path);
		if (access(path, F_OK) != 0)
			return false;
	}
	return works_in_child(enter_namespace);
}

static bool write_configuration(struct instance *in, const struct network *net, struct error *err)
{
	static const struct {
		const char *name;
		void (*write)(
		    struct buffer *out, const struct instance *in, const struct network *net);
	} files[] = {
	    {"postfix/main.cf", config_text_main},
	    {"postfix/master.cf", config_text_master},
	    {"postfix/transport", config_text_transport},
	    {"postfix/sender_access", config_text_sender_access},
	    {"etc/hosts", config_text_hosts},
	    {"etc/nsswitch.conf", config_text_nsswitch},
	    {"etc/resolv.conf", config_text_resolv},
	    {"spool/etc/resolv.conf", config_text_resolv},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		BUFFER_AUTO struct buffer text = {0};
		files[i].write(&text, in, net);
		if (!write_file(in, files[i].name, &text, err))
			return false;
	}
	return true;
}

bool instance_create(struct instance *in, const struct network *net, struct error *err)
{
	memset(in, 0, sizeof(*in));
	if (!make_tree(in, err))
		return false;
	/* First the better way, then the chroot; without either, lookups of one domain are left
	 * out. */
	in->own_names = namespace_works();
	in->jailed = !in->own_names && works_in_child(enter_jail);
	return write_configuration(in, net, err);
}

bool instance_enter_names(const struct instance *in)
{
	if (!in->own_names)
		return true;
	if (!enter_namespace())
		return false;
	for (size_t i = 0; i < NAME_FILE_COUNT; i++) {
		char from[INSTANCE_PATH_MAX * 2];
		char to[64];
		snprintf(from, sizeof(from), "%s/etc/%s", in->dir, name_files[i]);
		path_in_etc(i, to);
		if (mount(from, to, NULL, MS_BIND, NULL) < 0)
			return false;
	}
	return true;
}

/* In the child that becomes `postfix start`. */
static bool enter_own_names(const void *context)
{
	return instance_enter_names(context);
}

static bool postfix_command(const struct instance *in, const char *verb, struct error *err)
{
	const char *const argv[] = {POSTFIX_COMMAND, "-c", in->config, verb, NULL};

	return program_run(argv, strcmp(verb, "start") == 0 ? enter_own_names : NULL, in, err);
}

bool instance_start(struct instance *in, struct error *err)
{
	/* Also after a failure: the master may have come up before it. */
	in->started = true;
	return postfix_command(in, "start", err) ||
	       error_prefix(err, "the private Postfix does not start");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	remove(path);
	return 0;
}

void instance_remove(struct instance *in)
{
	if (in->started)
		postfix_command(in, "stop", NULL);
	/* Whether it stopped or not: its directory goes now, and with it its queue. */
	in->started = false;
	if (in->dir[0] != '\0')
		/* By FTW_PHYS no link is followed, by FTW_MOUNT no other file system is entered. */
		nftw(in->dir, remove_entry, REMOVE_DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	in->dir[0] = '\0';
}
