/* The configuration: /etc/postroom/postroom.conf (INI: [section], key = value, # or ; begins a
 * comment line), every key also as `--set section.key=value`. One table, config_keys(), is the
 * source for the loader, the messages, `postroom serve --help` and the check against
 * postroom.conf(5). An unknown key, a key given twice in a file or a bad value is refused with what
 * is allowed. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define CONFIG_DEFAULT_PATH "/etc/postroom/postroom.conf"
/* A configuration file is written by hand; one larger than this is something else. */
#define CONFIG_FILE_MAX ((size_t)1 << 20)

/* Of one value: no path is longer, and the roles take none that is (CONTROL_VALUE_MAX). */
#define CONFIG_VALUE_MAX 4096

enum config_source { CONFIG_SOURCE_AUTO, CONFIG_SOURCE_SPOOL, CONFIG_SOURCE_LISTING };

/* Every string is owned by the config and never NULL; "" means not set. */
struct config {
	char *http_listen; /* "127.0.0.1:8025"; "" for no TCP listener */
	char *http_socket; /* path of the Unix socket; "" for none */
	char *http_socket_group;
	char *http_tls_cert, *http_tls_key;
	char *http_public_url;
	char *http_trusted_proxy; /* an IP address */
	bool http_insecure;
	char *postfix_config_directory;
	char *postfix_command_prefix; /* words separated by blanks; no quoting, no shell */
	enum config_source postfix_source;
	char *postfix_log;	   /* "auto", "journal" or an absolute path */
	char *postfix_log_command; /* words separated by blanks */
	bool settings_write;
	char *store_path;
	uint32_t store_sample_interval;			 /* seconds between two depth samples */
	char *run_user, *run_parse_user, *run_view_user; /* names, or numbers */
	char *run_sandbox;				 /* "prefer" or "require" */
};

struct config_key {
	const char *name;     /* "section.key" */
	const char *allowed;  /* what a value may be, for messages and --help */
	const char *fallback; /* the default, as it would be written in the file */
	const char *purpose;  /* one line */
	bool (*set)(struct config *config, const struct config_key *key, const char *value,
	    struct error *err);
	size_t offset; /* of the member in struct config */
};

const struct config_key *config_keys(size_t *count);

/* The value of a key as it would be written in the file; free() it. */
char *config_value(const struct config *config, const struct config_key *key);

/* All defaults. Freed with config_destroy, which accepts a pointer to NULL. */
struct config *config_create(void);
void config_destroy(struct config **config);

/* Reads a file over what is set already. Errors: not_found, io_error, too_large, bad_config (the
 * text begins with "path:line: "). */
bool config_load(struct config *config, const char *path, struct error *err);

/* The same from bytes; `name` stands for the path in messages. */
bool config_parse(
    struct config *config, const char *text, size_t len, const char *name, struct error *err);

/* One "section.key=value", as `--set` gives it. Errors: bad_config. */
bool config_set(struct config *config, const char *assignment, struct error *err);

/* What only holds between keys: TLS needs both files, a listener beyond loopback needs TLS or
 * http.insecure, a log command makes no sense beside a log file. Errors: bad_config. */
bool config_check(const struct config *config, struct error *err);

/* The words of a command line, NULL-terminated, in one allocation: free() the result. An empty
 * value gives an empty list. */
char **config_words(const char *value);

/* "host:port" or "[v6]:port" into a host without brackets (at most host_size bytes with its NUL)
 * and a port; port 0 lets the system choose. False when it is neither. */
bool config_split_address(const char *value, char *host, size_t host_size, uint16_t *port);

/* Whether a numeric address lies in 127.0.0.0/8 or is ::1. */
bool config_is_loopback(const char *host);

#endif
