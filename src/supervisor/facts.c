/* Makes the configuration that the roles get: every key of postroom.conf, what postconf says of
 * this Postfix, and the numbers of its users. Collected by root's process, so that no role has to
 * run a command or ask a name service for it. facts_changed tells when it is worth asking again. */
#include "supervisor/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "supervisor/accounts.h"
#include "supervisor/capture.h"

/* postconf itself takes 20 ms; a prefix may have to start a container's shell first. */
#define POSTCONF_TIMEOUT_MS 20000
#define WORDS_MAX 128
/* A main.cf has a few kilobytes. */
#define MAIN_CF_MAX ((size_t)1 << 20)

void facts_parse(struct role_config *out, struct slice text)
{
	struct slice line;

	while (slice_split(&text, '\n', &line)) {
		/* postconf prints a name, " = " and the value; further equals signs belong to the
		 * value. */
		ptrdiff_t equals = slice_find_char(line, '=');
		MEMORY_AUTO char *name = NULL;
		struct slice value;

		if (equals <= 0)
			continue;
		name = memory_strndup(line.data, slice_trim(slice_first(line, (size_t)equals)).len);
		value = slice_trim(slice_from(line, (size_t)equals + 1));
		/* Roles refuse a configuration with a longer one: that fact is unknown. */
		if (value.len <= CONTROL_VALUE_MAX)
			role_config_set_fact(out, name, value);
	}
}

static size_t add_words(char **words, size_t count, char *const *more)
{
	for (; *more != NULL && count < WORDS_MAX; more++)
		words[count++] = *more;
	return count;
}

/* Asks that postconf. False with `err`; what was known before is kept then. */
static bool ask(
    const struct config *config, const char *postconf, struct role_config *out, struct error *err)
{
	char **prefix = config_words(config->postfix_command_prefix);
	const char *words[WORDS_MAX + 64];
	BUFFER_AUTO struct buffer text = {0};
	const char *name;
	size_t count = add_words((char **)words, 0, prefix);
	bool ok;

	words[count++] = postconf;
	/* On the other side of a prefix the default is that side's own. */
	if (count == 1 || strcmp(config->postfix_config_directory, "/etc/postfix") != 0) {
		words[count++] = "-c";
		words[count++] = config->postfix_config_directory;
	}
	/* -x expands $names in values, so roles need not know of them. */
	words[count++] = "-x";
	for (size_t i = 0; (name = role_config_fact_name(i)) != NULL; i++)
		words[count++] = name;
	words[count] = NULL;
	ok = capture_run((char *const *)words, POSTCONF_TIMEOUT_MS, &text, err);
	if (ok)
		facts_parse(out, buffer_slice(&text));
	if (ok && role_config_fact(out, "queue_directory")[0] != '/')
		/* A command that prints something else, such as a container's complaint, is no
		 * postconf. */
		ok = error_set(err, "command_failed", "postconf named no queue_directory");
	free(prefix);
	return ok;
}

/* The last command_directory that main.cf sets to a path; false when it sets none. Only to find the
 * postconf that reads the rest. */
static bool configured_postconf(const struct config *config, struct buffer *path)
{
	BUFFER_AUTO struct buffer name = {0};
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, line;
	struct error err;

	buffer_printf(&name, "%s/main.cf", config->postfix_config_directory);
	if (!fd_read_file(buffer_string(&name), MAIN_CF_MAX, &text, &err))
		return false;
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line)) {
		struct slice key;

		if (!slice_split(&line, '=', &key) || line.data == NULL ||
		    !slice_is(slice_trim(key), "command_directory"))
			continue;
		line = slice_trim(line);
		/* A value with a $ would need postconf to be read, which is just what is looked
		 * for. */
		if (!slice_starts_with(line, "/") || slice_find_char(line, '$') >= 0)
			continue;
		buffer_clear(path);
		buffer_printf(path, "%.*s/postconf", SLICE_ARGS(line));
	}
	return path->len > 0;
}

/* The program of that name in the usual places, which is what capture_run finds. */
static bool is_usual(const char *path)
{
	static const char *const places[] = {
	    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};
	struct stat wanted, found;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char candidate[64];

		snprintf(candidate, sizeof(candidate), "%s/postconf", places[i]);
		if (stat(candidate, &found) == 0)
			return stat(path, &wanted) == 0 && wanted.st_dev == found.st_dev &&
			       wanted.st_ino == found.st_ino;
	}
	return false;
}

/* A host may have two Postfixes, or one that is not in PATH, and each postconf has its own version
 * and defaults built in: the one in the configured command_directory is asked, and where it cannot
 * be, no other's version is taken for this one's. */
static void ask_postconf(const struct config *config, struct role_config *out)
{
	BUFFER_AUTO struct buffer path = {0};
	struct error err = {"", ""};
	bool prefixed = config->postfix_command_prefix[0] != '\0';
	bool own = !prefixed && configured_postconf(config, &path) &&
		   ask(config, buffer_string(&path), out, &err);

	out->facts.known = own || ask(config, "postconf", out, &err);
	if (out->facts.known && !own && !prefixed) {
		buffer_clear(&path);
		buffer_printf(&path, "%s/postconf", role_config_fact(out, "command_directory"));
		if (!is_usual(buffer_string(&path)) &&
		    !ask(config, buffer_string(&path), out, &err))
			role_config_set_fact(out, "mail_version", SLICE(""));
	}
	free(out->facts.error);
	out->facts.error = memory_strdup(out->facts.known ? "" : err.text);
}

/* What the helper would ask of name services. */
static void add_postfix_accounts(struct role_config *out)
{
	struct user_ids owner;
	uint32_t group;
	char number[16];

	if (!out->facts.known || out->prefix[0] != '\0')
		return;
	if (accounts_user(role_config_fact(out, "mail_owner"), &owner)) {
		snprintf(number, sizeof(number), "%u", owner.uid);
		role_config_set(out, "postfix.mail_uid", number);
		snprintf(number, sizeof(number), "%u", owner.gid);
		role_config_set(out, "postfix.mail_gid", number);
	}
	if (accounts_group(role_config_fact(out, "setgid_group"), &group)) {
		snprintf(number, sizeof(number), "%u", group);
		role_config_set(out, "postfix.setgid_gid", number);
	}
}

/* A value that a key has many of: NAME.1, NAME.2 ... Each is a value of its own, as one that holds
 * all of them would be longer than a frame takes. */
static void add_lines(struct role_config *out, const char *name, const char *value)
{
	BUFFER_AUTO struct buffer key = {0}, text = {0};
	struct slice rest = slice_of(value), line;

	for (unsigned number = 1; slice_split(&rest, '\n', &line) && line.len > 0; number++) {
		buffer_clear(&key);
		buffer_printf(&key, "%s.%u", name, number);
		buffer_clear(&text);
		buffer_append_slice(&text, line);
		role_config_set(out, buffer_string(&key), buffer_string(&text));
	}
}

bool facts_collect(const struct config *config, const char *config_path, struct role_config *out,
    struct error *err)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	role_config_free(out);
	for (size_t i = 0; i < count; i++) {
		MEMORY_AUTO char *value = config_value(config, &keys[i]);

		if (keys[i].many)
			add_lines(out, keys[i].name, value);
		else
			role_config_set(out, keys[i].name, value);
	}
	out->config_path = memory_strdup(config_path);
	out->prefix = memory_strdup(config->postfix_command_prefix);
	out->privileged = geteuid() == 0;
	ask_postconf(config, out);
	add_postfix_accounts(out);
	/* Without root there is nobody else to become. */
	return !out->privileged || accounts_collect(config, out, err);
}

bool facts_changed(const struct config *config, struct facts_stamp *stamp)
{
	BUFFER_AUTO struct buffer path = {0};
	struct facts_stamp now = {.seen = true};
	bool changed;
	struct stat st;

	if (config->postfix_command_prefix[0] != '\0')
		return false;
	buffer_printf(&path, "%s/main.cf", config->postfix_config_directory);
	if (stat(buffer_string(&path), &st) == 0) {
		now.inode = st.st_ino;
		now.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	}
	/* postconf -e renames a new file into place, so the inode tells even where the times are
	 * equal. */
	changed = stamp->seen && (now.inode != stamp->inode || now.mtime_ns != stamp->mtime_ns);
	*stamp = now;
	return changed;
}
