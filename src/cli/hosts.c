/* A small INI: sections are hosts, and a key is one of a table. What is not understood is refused
 * whole, with its line: half a file could send a command to the wrong host. */
#include "cli/hosts.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"

#define NAME_MAX_LEN 64
#define VALUE_MAX 4096

static const struct {
	const char *name;
	size_t offset;
} keys[] = {
    {"url", offsetof(struct host, url)},
    {"socket", offsetof(struct host, socket)},
    {"token", offsetof(struct host, token)},
    {"token_file", offsetof(struct host, token_file)},
    {"ca_file", offsetof(struct host, ca_file)},
};
#define KEYS "url socket token token_file ca_file"

static char **value_of(struct host *host, size_t key)
{
	return (char **)((char *)host + keys[key].offset);
}

static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.data[i]) && memchr("-_.", name.data[i], 3) == NULL)
			return false;
	return name.len > 0 && name.len <= NAME_MAX_LEN && name.data[0] != '-';
}

/* What only holds for a host as a whole. */
static bool check_host(const struct host *host, struct error *err)
{
	if ((host->url == NULL) == (host->socket == NULL))
		return error_set(err, "bad_hosts", "[%s] needs a url or a socket%s", host->name,
		    host->url != NULL ? ", and not both" : "");
	if (host->token != NULL && host->token_file != NULL)
		return error_set(err, "bad_hosts", "[%s] has a token and a token_file", host->name);
	/* The socket knows who asks, and needs none of these. */
	if (host->socket != NULL &&
	    (host->token != NULL || host->token_file != NULL || host->ca_file != NULL))
		return error_set(err, "bad_hosts",
		    "[%s]: token, token_file and ca_file are for a url", host->name);
	return true;
}

static bool begin_host(struct hosts *hosts, struct slice line, struct error *err)
{
	struct slice name;
	MEMORY_AUTO char *text = NULL;

	if (line.data[line.len - 1] != ']')
		return error_set(err, "bad_hosts", "a section without its closing bracket");
	name = slice_trim(slice_make(line.data + 1, line.len - 2));
	if (!is_name(name))
		return error_set(err, "bad_hosts",
		    "a host's name has letters, digits, \"-\", \"_\" and \".\", at most %d",
		    NAME_MAX_LEN);
	text = memory_strndup(name.data, name.len);
	if (hosts_find(hosts, text) != NULL)
		return error_set(err, "bad_hosts", "[%s] is there twice", text);
	if (hosts->count > 0 && !check_host(&hosts->list[hosts->count - 1], err))
		return false;
	if (hosts->count == HOSTS_MAX)
		return error_set(err, "bad_hosts", "more than %d hosts", HOSTS_MAX);
	hosts->list[hosts->count++] = (struct host){.name = memory_strndup(name.data, name.len)};
	return true;
}

static bool refuse_key(struct slice key, struct error *err)
{
	char best[20];

	if (suggest_among(key, KEYS, best, sizeof(best)))
		return error_set(err, "bad_hosts", "%.*s is no key of a host; did you mean %s?",
		    SLICE_ARGS(slice_first(key, NAME_MAX_LEN)), best);
	return error_set(err, "bad_hosts", "%.*s: expected one of " KEYS,
	    SLICE_ARGS(slice_first(key, NAME_MAX_LEN)));
}

static bool take_value(struct hosts *hosts, struct slice line, struct error *err)
{
	ptrdiff_t equals = slice_find_char(line, '=');
	struct slice key, value;

	if (equals < 0)
		return error_set(err, "bad_hosts", "expected [host] or key = value");
	if (hosts->count == 0)
		return error_set(err, "bad_hosts", "a key before the first [host]");
	key = slice_trim(slice_first(line, (size_t)equals));
	value = slice_trim(slice_from(line, (size_t)equals + 1));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char **place = value_of(&hosts->list[hosts->count - 1], i);

		if (!slice_is(key, keys[i].name))
			continue;
		if (*place != NULL)
			return error_set(err, "bad_hosts", "%s is given twice", keys[i].name);
		if (value.len == 0 || value.len > VALUE_MAX)
			return error_set(err, "bad_hosts",
			    "%s has no value, or one of more than %d bytes", keys[i].name,
			    VALUE_MAX);
		*place = memory_strndup(value.data, value.len);
		return true;
	}
	return refuse_key(key, err);
}

static bool parse_line(struct hosts *hosts, struct slice line, struct error *err)
{
	line = slice_trim(line);
	if (line.len == 0 || line.data[0] == '#' || line.data[0] == ';')
		return true;
	if (slice_find_char(line, '\0') >= 0)
		return error_set(err, "bad_hosts", "this is no text");
	return line.data[0] == '[' ? begin_host(hosts, line, err) : take_value(hosts, line, err);
}

bool hosts_parse(struct slice text, struct hosts *hosts, struct error *err)
{
	struct slice rest = text, line;
	int number = 0;
	bool ok = text.len <= HOSTS_FILE_MAX ||
		  error_set(err, "bad_hosts", "it is larger than any list of hosts");

	hosts->count = 0;
	while (ok && slice_split(&rest, '\n', &line)) {
		number++;
		ok = parse_line(hosts, line, err);
	}
	ok = ok && (hosts->count == 0 || check_host(&hosts->list[hosts->count - 1], err));
	if (!ok) {
		error_prefix(err, "line %d", number);
		hosts_free(hosts);
	}
	return ok;
}

void hosts_free(struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++) {
		free(hosts->list[i].name);
		for (size_t key = 0; key < sizeof(keys) / sizeof(keys[0]); key++)
			free(*value_of(&hosts->list[i], key));
	}
	hosts->count = 0;
}

const struct host *hosts_find(const struct hosts *hosts, const char *name)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (strcmp(hosts->list[i].name, name) == 0)
			return &hosts->list[i];
	return NULL;
}

bool hosts_have_tokens(const struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (hosts->list[i].token != NULL)
			return true;
	return false;
}
