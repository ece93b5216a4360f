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
/* All lines of access.group together: they go to the server in one packet with all else. */
#define CONFIG_GROUPS_SIZE ((size_t)16 << 10)

enum config_source { CONFIG_SOURCE_AUTO, CONFIG_SOURCE_SPOOL, CONFIG_SOURCE_LISTING };

/* Every string is owned by the config and never NULL; "" means not set. */
struct config {
	char *http_listen; /* "127.0.0.1:8025"; "" for no TCP listener */
	char *http_socket; /* path of the Unix socket; "" for none */
	char *http_socket_group;
	char *http_tls_cert, *http_tls_key;
	char *http_public_url;
	char *http_base_path;	  /* "/postroom"; "": at the root */
	char *http_trusted_proxy; /* base/proxy_list.h */
	bool http_insecure;
	/* Single sign-on by a proxy's word: names of headers; "" for none. */
	char *access_proxy_user_header, *access_proxy_groups_header;
	char *access_proxy_groups_separator; /* one character */
	char *access_proxy_logout_url;
	char *access_group;	  /* its lines (access/groups.h), each ended by a line feed */
	char *access_oidc_issuer; /* "": none */
	char *access_oidc_client_id, *access_oidc_client_secret_file;
	char *access_oidc_scopes, *access_oidc_name_claim, *access_oidc_roles_claim;
	char *postfix_config_directory;
	char *postfix_command_prefix; /* words separated by blanks; no quoting, no shell */
	enum config_source postfix_source;
	char *postfix_log;	   /* "auto", "journal" or an absolute path */
	char *postfix_log_command; /* words separated by blanks */
	bool settings_write;
	char *access_session_max, *access_session_idle; /* times such as "12h" */
	char *access_token_away;			/* the same */
	char *probes_resolver;				/* "127.0.0.1:5353"; "": the system's */
	char *probes_blocklists;			/* DNS zones separated by blanks */
	bool probes_allow_local;
	char *metrics_listen; /* "127.0.0.1:9825"; "": /metrics is on http.listen alone */
	bool metrics_public;
	uint32_t metrics_destinations;
	char *store_path;
	uint32_t store_sample_interval;	  /* seconds between two depth samples */
	char *access_otp;		  /* "off", "optional" or "required" */
	uint32_t access_content_per_hour; /* megabytes for each person; 0: no limit */
	char *alerts_commands;		  /* a directory; "" for none */
	char *audit_keep;		  /* "400d" */
	char *run_user, *run_parse_user, *run_view_user, *run_notify_user; /* names, or numbers */
	char *run_sandbox; /* "prefer" or "require" */
};

struct config_key {
	const char *name;     /* "section.key" */
	const char *allowed;  /* what a value may be, for messages and --help */
	const char *fallback; /* the default, as it would be written in the file */
	const char *purpose;  /* one line */
	bool (*set)(struct config *config, const struct config_key *key, const char *value,
	    struct error *err);
	size_t offset; /* of the member in struct config */
	bool many;     /* may be given again and again: each value is a line of the member; an empty
			* one takes back those before it */
	uint32_t least, most; /* of a number, and of a time in seconds */
	const char *words;    /* with blanks between them: one of these is a value */
};

const struct config_key *config_keys(size_t *count);

/* The value of a key as it would be written in the file (of one that may be given many times: all
 * of them, a line each); free() it. */
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
 * http.insecure, one for metrics beyond it metrics.public, the public URL ends in the base path, a
 * log command makes no sense beside a log file, a proxy's word for a person needs a proxy and
 * groups. Errors: bad_config. */
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
