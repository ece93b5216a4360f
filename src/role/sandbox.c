/* Closes the sandbox of each kind of process, and says what of it this machine does not give. Which
 * calls and which paths a process keeps is in sandbox_calls.c and here, in add_paths. */
#include "role/sandbox.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <iconv.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "role/sandbox_calls.h"
#include "role/sandbox_rules.h"

/* /proc/PID/status has some 1,500 bytes. */
#define STATUS_MAX 8192

bool sandbox_is_required(const struct role_config *config)
{
	return strcmp(role_config_get(config, "run.sandbox"), "require") == 0;
}

/* ---- what is lacking ---- */

static bool has_sys_admin(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}};

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & 1u << CAP_SYS_ADMIN) != 0;
}

/* What the kernel wants of who closes a filter. */
static bool may_close(void)
{
	return has_sys_admin() || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool is_filtered(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
}

void sandbox_lacks(char *text, size_t size)
{
	const char *rules = sandbox_rules_lack(sandbox_rules_abi());

	text[0] = '\0';
	if (MEMORY_SANITIZED)
		snprintf(text, size,
		    "this program was built with sanitizers, which make system calls that no "
		    "filter admits");
	else if (!sandbox_calls_supported())
		snprintf(text, size,
		    "the kernel, or what this runs in, gives no seccomp filters%s%s",
		    rules[0] != '\0' ? ", nor " : "", rules);
	else if (!is_filtered() && !may_close())
		snprintf(text, size,
		    "without CAP_SYS_ADMIN nothing can be closed around the supervisor and the "
		    "helper%s%s",
		    rules[0] != '\0' ? "; the kernel does not give " : "", rules);
	else if (rules[0] != '\0')
		snprintf(text, size, "the kernel does not give %s", rules);
}

/* ---- paths ---- */

static void add(struct sandbox_rules *rules, const char *path, bool write)
{
	if (path[0] == '/' && rules->count < SANDBOX_PATHS_MAX)
		rules->paths[rules->count++] = (struct sandbox_path){path, write};
}

/* Where libc keeps the converters of iconv: beside itself. */
static const char *converters(void)
{
	static char path[PATH_MAX];
	char libc[PATH_MAX];
	Dl_info info;

	if (dladdr((void *)(uintptr_t)iconv_open, &info) == 0 || info.dli_fname == NULL ||
	    realpath(info.dli_fname, libc) == NULL)
		return "";
	if (snprintf(path, sizeof(path), "%s/gconv", dirname(libc)) >= (int)sizeof(path))
		return "";
	return path;
}

/* A directory that holds a configured file, by its name and by what the name leads to. Both, as a
 * renewed certificate is another file behind the same link. */
struct directories {
	char named[PATH_MAX], real[PATH_MAX];
};

static void add_directory(
    struct sandbox_rules *rules, struct directories *of, const char *file, bool write)
{
	char copy[PATH_MAX];

	if (file[0] != '/' || strlen(file) >= sizeof(copy))
		return;
	strcpy(copy, file);
	snprintf(of->named, sizeof(of->named), "%s", dirname(copy));
	add(rules, of->named, write);
	if (realpath(file, copy) == NULL)
		return;
	snprintf(of->real, sizeof(of->real), "%s", dirname(copy));
	add(rules, of->real, write);
}

/* The server asks the name service who is at the other end of the Unix socket, the notifier and
 * the identity where a host is; it answers by modules and files that other packages bring. All of
 * these, the system's certificates among them, can be read by every user of the machine. */
static const char *const name_service[] = {"/etc", "/usr", "/lib", "/lib64", "/lib32", "/run",
    "/var/run", "/var/lib/sss", "/var/lib/extrausers", "/var/cache/nscd", "/var/db", "/proc/sys",
    "/sys/devices/system/cpu", "/dev/urandom", "/dev/random"};

struct server_paths {
	struct directories store, certificate, key, secret;
};

static void add_paths(struct sandbox_rules *rules, enum control_role role,
    const struct role_config *config, struct server_paths *server)
{
	if (role == CONTROL_ROLE_READER || role == CONTROL_ROLE_VIEWER)
		add(rules, converters(), false);
	rules->connects = role == CONTROL_ROLE_NOTIFIER || role == CONTROL_ROLE_IDENTITY;
	if (role != CONTROL_ROLE_SERVER && !rules->connects)
		return;
	for (size_t i = 0; i < sizeof(name_service) / sizeof(name_service[0]); i++)
		add(rules, name_service[i], false);
	/* A probe trusts whom Postfix trusts. */
	if (role == CONTROL_ROLE_NOTIFIER)
		add(rules, role_config_fact(config, "smtp_tls_CAfile"), false);
	if (role != CONTROL_ROLE_SERVER)
		return;
	add(rules, "/dev/null", true);
	add(rules, role_config_get(config, "page.directory"), false);
	add_directory(rules, &server->certificate, role_config_get(config, "http.tls_cert"), false);
	add_directory(rules, &server->key, role_config_get(config, "http.tls_key"), false);
	add_directory(rules, &server->secret,
	    role_config_get(config, "access.oidc_client_secret_file"), false);
	add_directory(rules, &server->store, role_config_get(config, "store.path"), true);
}

/* ---- closing ---- */

static bool close_rules(const struct sandbox_rules *rules, struct error *err)
{
	unsigned abi = sandbox_rules_abi();

	/* Version 1 refuses every rename to another directory, and postsuper makes them. */
	if (abi == 0 || (abi == 1 && rules->runs_programs))
		return true;
	return sandbox_rules_close(rules, err) > 0;
}

bool sandbox_close_root(bool foreign, struct error *err)
{
	struct sandbox_rules rules = {.runs_programs = true};

	if (MEMORY_SANITIZED || !sandbox_calls_supported() || !may_close())
		return true;
	/* The rules first, while the filter does not stand in their way. A foreign program may open
	 * any connection, and mount things. */
	return (foreign || close_rules(&rules, err)) &&
	       sandbox_calls_close(foreign ? SANDBOX_FOREIGN : SANDBOX_HELPER, err);
}

bool sandbox_close(enum control_role role, const struct role_config *config, struct error *err)
{
	static const enum sandbox_row rows[CONTROL_ROLES] = {
	    [CONTROL_ROLE_READER] = SANDBOX_READER,
	    [CONTROL_ROLE_LOGREADER] = SANDBOX_LOGREADER,
	    [CONTROL_ROLE_VIEWER] = SANDBOX_VIEWER,
	    [CONTROL_ROLE_SERVER] = SANDBOX_SERVER,
	    [CONTROL_ROLE_NOTIFIER] = SANDBOX_NOTIFIER,
	    [CONTROL_ROLE_IDENTITY] = SANDBOX_NOTIFIER,
	};
	struct sandbox_rules rules = {.count = 0};
	struct server_paths server;

	if (MEMORY_SANITIZED || role == CONTROL_ROLE_HELPER)
		return true;
	tzset(); /* libc reads the time zone once, and would open its file later */
	add_paths(&rules, role, config, &server);
	return close_rules(&rules, err) &&
	       (!sandbox_calls_supported() || sandbox_calls_close(rows[role], err));
}

bool sandbox_close_starter(struct error *err)
{
	return MEMORY_SANITIZED || !sandbox_calls_supported() ||
	       sandbox_calls_close(SANDBOX_FOREIGN, err);
}

bool sandbox_close_command(struct error *err)
{
	struct sandbox_rules rules = {.runs_programs = true, .connects = true, .signals_own = true};

	return MEMORY_SANITIZED || close_rules(&rules, err);
}

/* ---- from outside ---- */

unsigned sandbox_filters(int status)
{
	char text[STATUS_MAX];
	ssize_t len = pread(status, text, sizeof(text), 0);
	struct slice rest = slice_make(text, len > 0 ? (size_t)len : 0), line;
	uint64_t number;

	while (slice_split(&rest, '\n', &line)) {
		struct slice key;

		if (slice_split(&line, ':', &key) && slice_is(key, "Seccomp_filters") &&
		    slice_to_u64(slice_trim(line), &number))
			return (unsigned)number;
	}
	return 0;
}

unsigned sandbox_own_filters(void)
{
	FD_AUTO int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	return sandbox_filters(status);
}

bool sandbox_verify(int status, unsigned inherited, struct error *err)
{
	if (sandbox_filters(status) > inherited || MEMORY_SANITIZED || !sandbox_calls_supported())
		return true;
	return error_set(err, "unsafe", "it has closed no filter of system calls");
}
