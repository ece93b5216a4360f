/* A setter for each kind of value, the table of keys with them, and the reading of files and
 * assignments; at the end, what must hold between keys. */
#include "config/config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "base/memory.h"
#include "base/slice.h"
#include "base/suggest.h"

static bool refuse(const struct config_key *key, const char *value, struct error *err)
{
	return error_set(err, "bad_config", "%s = %s: expected %s", key->name, value, key->allowed);
}

static void *member(struct config *config, const struct config_key *key)
{
	return (char *)config + key->offset;
}

/* Whoever reads the configuration may keep the pointer until it is destroyed. */
static bool store_string(struct config *config, const struct config_key *key, const char *value)
{
	char **field = member(config, key);

	free(*field);
	*field = memory_strdup(value);
	return true;
}

static bool set_text(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	return store_string(config, key, value);
}

/* It becomes part of commands that are shown as advice, so it has no blanks and no slash. */
static bool set_name(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	/* A colon would end the name in /etc/passwd, a slash is a path. */
	if (value[0] == '\0' || strpbrk(value, " \t/:") != NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

static bool set_path(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	/* The processes of the service have other working directories than whoever starts it. */
	if (value[0] != '/')
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* Empty turns it off; so an absent key and an empty one are two things. */
static bool set_optional_path(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	return value[0] == '\0' ? store_string(config, key, value)
				: set_path(config, key, value, err);
}

static bool set_log(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	if (strcmp(value, "auto") == 0 || strcmp(value, "journal") == 0)
		return store_string(config, key, value);
	return set_path(config, key, value, err);
}

static bool set_listen(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	char host[INET6_ADDRSTRLEN];
	uint16_t port;
	struct in6_addr address;

	if (value[0] == '\0')
		return store_string(config, key, value);
	if (!config_split_address(value, host, sizeof(host), &port) ||
	    /* Addresses only: a name may resolve to something that is reachable from outside. */
	    (inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1))
		return refuse(key, value, err);
	return store_string(config, key, value);
}

static bool set_ip(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	struct in6_addr address;

	if (value[0] != '\0' && inet_pton(AF_INET, value, &address) != 1 &&
	    inet_pton(AF_INET6, value, &address) != 1)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

static bool set_url(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	struct slice url = slice_of(value);

	if (value[0] != '\0' && !slice_starts_with(url, "https://") &&
	    !slice_starts_with(url, "http://"))
		return refuse(key, value, err);
	/* It is written into pages and links. */
	if (strpbrk(value, " \t\"'<>") != NULL)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

/* Only these two words: "true" or "1" would have to be guessed at everywhere. */
static bool set_yes_no(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	bool *field = member(config, key);

	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return refuse(key, value, err);
	*field = strcmp(value, "yes") == 0;
	return true;
}

static bool set_sandbox(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	if (strcmp(value, "prefer") != 0 && strcmp(value, "require") != 0)
		return refuse(key, value, err);
	return store_string(config, key, value);
}

static bool set_source(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	static const char *const names[] = {"auto", "spool", "listing"};
	enum config_source *field = member(config, key);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			*field = (enum config_source)i;
			return true;
		}
	return refuse(key, value, err);
}

#define SAMPLE_INTERVAL_MIN 1
#define SAMPLE_INTERVAL_MAX 3600

static bool set_interval(
    struct config *config, const struct config_key *key, const char *value, struct error *err)
{
	uint32_t *field = member(config, key);
	uint64_t seconds;

	if (!slice_to_u64(slice_of(value), &seconds) || seconds < SAMPLE_INTERVAL_MIN ||
	    seconds > SAMPLE_INTERVAL_MAX)
		return refuse(key, value, err);
	*field = (uint32_t)seconds;
	return true;
}

#define MEMBER(name) offsetof(struct config, name)

static const struct config_key keys[] = {
    {"http.listen", "an IP address and a port such as 127.0.0.1:8025 or [::1]:8025, or nothing",
	"127.0.0.1:8025", "where the page and the API answer", set_listen, MEMBER(http_listen)},
    {"http.socket", "an absolute path, or nothing", "/run/postroom/postroom.sock",
	"the Unix socket of the command line", set_optional_path, MEMBER(http_socket)},
    {"http.socket_group", "the name of a group", "postroom-operators",
	"who may use the socket as operator, beside root; no user of [run] may be in it", set_name,
	MEMBER(http_socket_group)},
    {"http.tls_cert", "an absolute path, or nothing", "",
	"certificate chain (PEM) for TLS in place", set_optional_path, MEMBER(http_tls_cert)},
    {"http.tls_key", "an absolute path, or nothing", "", "private key (PEM) for TLS in place",
	set_optional_path, MEMBER(http_tls_key)},
    {"http.public_url", "an http:// or https:// URL, or nothing", "",
	"the address that people type; only its host, and loopback, is answered", set_url,
	MEMBER(http_public_url)},
    {"http.trusted_proxy", "an IP address, or nothing", "",
	"the proxy whose X-Forwarded-For and X-Forwarded-Proto are believed", set_ip,
	MEMBER(http_trusted_proxy)},
    {"http.insecure", "yes or no", "no", "allow plain HTTP beyond loopback", set_yes_no,
	MEMBER(http_insecure)},
    {"postfix.config_directory", "an absolute path", "/etc/postfix",
	"the Postfix instance (the directory of its main.cf)", set_path,
	MEMBER(postfix_config_directory)},
    {"postfix.command_prefix", "words separated by blanks, or nothing", "",
	"put before each Postfix command, for example docker exec -i mta", set_text,
	MEMBER(postfix_command_prefix)},
    {"postfix.source", "auto, spool or listing", "auto", "where the queue is read from", set_source,
	MEMBER(postfix_source)},
    {"postfix.log", "auto, journal or an absolute path", "auto", "the mail log", set_log,
	MEMBER(postfix_log)},
    {"postfix.log_command", "words separated by blanks, or nothing", "",
	"a command that prints and follows the mail log, for example docker logs -f -t mta",
	set_text, MEMBER(postfix_log_command)},
    {"settings.write", "yes or no", "yes",
	"whether Postfix settings may be changed from here; no where something else writes main.cf",
	set_yes_no, MEMBER(settings_write)},
    {"store.path", "an absolute path", "/var/lib/postroom/postroom.db", "the database", set_path,
	MEMBER(store_path)},
    {"store.sample_interval", "a number of seconds from 1 to 3600", "300",
	"seconds between two samples of the queue's depth", set_interval,
	MEMBER(store_sample_interval)},
    {"run.user", "the name or number of a user", "postroom", "whom the server runs as", set_name,
	MEMBER(run_user)},
    {"run.parse_user", "the name or number of another user", "postroom-parse",
	"whom the readers of queue and log run as", set_name, MEMBER(run_parse_user)},
    {"run.view_user", "the name or number of another user", "postroom-view",
	"whom the viewer of one message runs as", set_name, MEMBER(run_view_user)},
    {"run.sandbox", "prefer or require", "prefer",
	"whether to run where the kernel cannot close all of the sandbox, and say so (prefer), or "
	"not to (require)",
	set_sandbox, MEMBER(run_sandbox)},
};

const struct config_key *config_keys(size_t *count)
{
	*count = sizeof(keys) / sizeof(keys[0]);
	return keys;
}

/* As it would stand in the file, for whoever shows or passes the configuration on. */
char *config_value(const struct config *config, const struct config_key *key)
{
	static const char *const sources[] = {"auto", "spool", "listing"};
	const char *field = (const char *)config + key->offset;
	BUFFER_AUTO struct buffer number = {0};

	/* The function that sets a key tells its type, so the table needs no column for it. */
	if (key->set == set_yes_no)
		return memory_strdup(*(const bool *)field ? "yes" : "no");
	if (key->set == set_source)
		return memory_strdup(sources[*(const enum config_source *)field]);
	if (key->set != set_interval)
		return memory_strdup(*(char *const *)field);
	buffer_printf(&number, "%u", *(const uint32_t *)field);
	return memory_strdup(buffer_string(&number));
}

/* Through the same functions as the file, so a default is checked like any other value. */
struct config *config_create(void)
{
	struct config *config = memory_zero(1, sizeof(*config));
	struct error err;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!keys[i].set(config, &keys[i], keys[i].fallback, &err))
			abort(); /* a default that its own key refuses */
	return config;
}

void config_destroy(struct config **pointer)
{
	struct config *config = *pointer;

	if (config == NULL)
		return;
	free(config->http_listen);
	free(config->http_socket);
	free(config->http_socket_group);
	free(config->http_tls_cert);
	free(config->http_tls_key);
	free(config->http_public_url);
	free(config->http_trusted_proxy);
	free(config->postfix_config_directory);
	free(config->postfix_command_prefix);
	free(config->postfix_log);
	free(config->postfix_log_command);
	free(config->store_path);
	free(config->run_user);
	free(config->run_parse_user);
	free(config->run_view_user);
	free(config->run_sandbox);
	free(config);
	*pointer = NULL;
}

static const struct config_key *find_key(struct slice name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (slice_is(name, keys[i].name))
			return &keys[i];
	return NULL;
}

/* A mistyped key must not be passed over: what it was meant to secure would stay open. */
static bool unknown_key(struct slice name, struct error *err)
{
	BUFFER_AUTO struct buffer all = {0};
	ptrdiff_t dot = slice_find_char(name, '.');
	struct slice section = slice_first(name, dot < 0 ? 0 : (size_t)dot + 1);
	struct suggest suggest = suggest_begin(name);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		suggest_offer(&suggest, keys[i].name);
	if (suggest.best != NULL)
		return error_set(err, "bad_config", "unknown key %.*s; did you mean %s?",
		    SLICE_ARGS(slice_first(name, 80)), suggest.best);
	/* The keys of that section, or all of them where there is no such section. */
	for (int pass = 0; pass < 2 && all.len == 0; pass++)
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (pass == 1 ||
			    slice_equal(slice_first(slice_of(keys[i].name), section.len), section))
				buffer_printf(&all, "%s%s", all.len > 0 ? ", " : "", keys[i].name);
	return error_set(err, "bad_config", "unknown key %.*s; known are %s",
	    SLICE_ARGS(slice_first(name, 80)), buffer_string(&all));
}

/* The one way to a value, for the file, --set and tests. */
static bool assign(struct config *config, struct slice name, struct slice value, struct error *err)
{
	const struct config_key *key = find_key(name);
	MEMORY_AUTO char *text = NULL;

	if (key == NULL)
		return unknown_key(name, err);
	for (size_t i = 0; i < value.len; i++)
		/* Values get into logs, arguments and files; a line end among them could add a
		 * line. */
		if ((unsigned char)value.data[i] < 0x20 || value.data[i] == 0x7f)
			return error_set(
			    err, "bad_config", "%s: a control character in the value", key->name);
	if (value.len > CONFIG_VALUE_MAX)
		return error_set(err, "bad_config", "%s: the value is longer than %d bytes",
		    key->name, CONFIG_VALUE_MAX);
	text = memory_strndup(value.data, value.len);
	return key->set(config, key, text, err);
}

bool config_set(struct config *config, const char *assignment, struct error *err)
{
	struct slice text = slice_of(assignment);
	ptrdiff_t equals = slice_find_char(text, '=');

	if (equals < 0)
		return error_set(err, "bad_config", "%s: expected section.key=value", assignment);
	return assign(config, slice_trim(slice_first(text, (size_t)equals)),
	    slice_trim(slice_from(text, (size_t)equals + 1)), err);
}

struct parse_state {
	struct config *config;
	struct buffer section; /* "name." or empty */
	bool seen[sizeof(keys) / sizeof(keys[0])];
};

static bool parse_assignment(struct parse_state *state, struct slice line, struct error *err)
{
	BUFFER_AUTO struct buffer name = {0};
	ptrdiff_t equals = slice_find_char(line, '=');
	const struct config_key *key;

	if (equals < 0)
		return error_set(err, "bad_config", "expected [section] or key = value");
	if (state->section.len == 0)
		return error_set(err, "bad_config", "a key before the first [section]");
	buffer_append_slice(&name, buffer_slice(&state->section));
	buffer_append_slice(&name, slice_trim(slice_first(line, (size_t)equals)));
	key = find_key(buffer_slice(&name));
	/* Two lines that say different things are a mistake, and either could be the one that is
	 * meant. */
	if (key != NULL && state->seen[key - keys])
		return error_set(err, "bad_config", "%s is given twice", key->name);
	if (key != NULL)
		state->seen[key - keys] = true;
	return assign(state->config, buffer_slice(&name),
	    slice_trim(slice_from(line, (size_t)equals + 1)), err);
}

/* Comments stand on lines of their own: a value may contain a # itself. */
static bool parse_line(struct parse_state *state, struct slice line, struct error *err)
{
	line = slice_trim(line);
	if (line.len == 0 || line.data[0] == '#' || line.data[0] == ';')
		return true;
	if (line.data[0] != '[')
		return parse_assignment(state, line, err);
	/* A half bracket is a mistake and not a key with a strange name. */
	if (line.data[line.len - 1] != ']')
		return error_set(err, "bad_config", "a section without its closing bracket");
	buffer_clear(&state->section);
	buffer_append_slice(&state->section, slice_trim(slice_make(line.data + 1, line.len - 2)));
	buffer_append_char(&state->section, '.');
	return true;
}

/* The first mistake ends it, with file and line: what follows may only be wrong because of it. */
bool config_parse(
    struct config *config, const char *text, size_t len, const char *name, struct error *err)
{
	struct parse_state state = {.config = config};
	struct slice rest = {text, len}, line;
	bool ok = true;

	for (int number = 1; ok && slice_split(&rest, '\n', &line); number++) {
		ok = parse_line(&state, line, err);
		if (!ok)
			/* As compilers say it, so that editors can jump there. */
			error_prefix(err, "%s:%d", name, number);
	}
	buffer_free(&state.section);
	return ok;
}

/* A file that is larger than any configuration is refused before it is read whole. */
bool config_load(struct config *config, const char *path, struct error *err)
{
	BUFFER_AUTO struct buffer text = {0};

	if (!fd_read_file(path, CONFIG_FILE_MAX, &text, err))
		return false;
	return config_parse(config, buffer_string(&text), text.len, path, err);
}

/* Here, when all is set: in the file the order of keys means nothing. */
bool config_check(const struct config *config, struct error *err)
{
	bool tls = config->http_tls_cert[0] != '\0';
	char host[INET6_ADDRSTRLEN];
	uint16_t port;

	if (tls != (config->http_tls_key[0] != '\0'))
		return error_set(err, "bad_config", "http.tls_cert and http.tls_key go together");
	if (config->http_listen[0] == '\0' && config->http_socket[0] == '\0')
		return error_set(err, "bad_config", "http.listen and http.socket are both empty");
	if (config_split_address(config->http_listen, host, sizeof(host), &port) &&
	    /* Passwords and sessions would cross the network for everybody to read. */
	    !config_is_loopback(host) && !tls && !config->http_insecure)
		return error_set(err, "bad_config",
		    "http.listen = %s is reachable from other machines without TLS: set "
		    "http.tls_cert and "
		    "http.tls_key, or listen on 127.0.0.1 behind a proxy, or say http.insecure = "
		    "yes",
		    config->http_listen);
	if (config->postfix_log_command[0] != '\0' && strcmp(config->postfix_log, "auto") != 0)
		return error_set(
		    err, "bad_config", "postfix.log and postfix.log_command exclude each other");
	/* The spool is in the container that the prefix leads into. */
	if (config->postfix_command_prefix[0] != '\0' &&
	    config->postfix_source == CONFIG_SOURCE_SPOOL)
		return error_set(err, "bad_config",
		    "postfix.source = spool cannot be read through postfix.command_prefix");
	return true;
}

char **config_words(const char *value)
{
	size_t len = strlen(value), most = len / 2 + 2, count = 0;
	/* One piece of memory for the pointers and the words, so that one free() suffices. No shell
	 * reads them. */
	char **words = memory_alloc(most * sizeof(*words) + len + 1);
	char *text = (char *)(words + most), *save = NULL;

	memcpy(text, value, len + 1);
	for (char *word = strtok_r(text, " \t", &save); word != NULL;
	     word = strtok_r(NULL, " \t", &save))
		words[count++] = word;
	words[count] = NULL;
	return words;
}

/* From the last colon on is the port. */
bool config_split_address(const char *value, char *host, size_t host_size, uint16_t *port)
{
	const char *colon = strrchr(value, ':');
	struct slice name;
	uint64_t number;

	if (colon == NULL || !slice_to_u64(slice_of(colon + 1), &number) || number > UINT16_MAX)
		return false;
	name = slice_make(value, (size_t)(colon - value));
	/* IPv6 needs its brackets: without them the last part could be the port. */
	if (name.len >= 2 && name.data[0] == '[' && name.data[name.len - 1] == ']')
		name = slice_make(name.data + 1, name.len - 2);
	else if (slice_find_char(name, ':') >= 0)
		return false;
	if (name.len == 0 || name.len >= host_size)
		return false;
	memcpy(host, name.data, name.len);
	host[name.len] = '\0';
	*port = (uint16_t)number;
	return true;
}

/* All of 127/8: the demo and some containers use more of it than one address. */
bool config_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 &&
	       memcmp(&v6, &in6addr_loopback, sizeof(v6)) == 0;
}
