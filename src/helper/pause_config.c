/* Two runs of postconf: what main.cf sets, as it is written, and what it comes to. */
#include "helper/pause_config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "postfix/postconf_output.h"

struct reading {
	struct helper *helper;
	struct pause_config *config;
	pause_config_done *done;
	void *context;
};

/* For our lines, for the question whose a domain is, and for the next hop of a throttle. */
static const char *const expanded_words[] = {"-x", "transport_maps", "default_database_type",
    "mydestination", "virtual_alias_domains", "virtual_mailbox_domains", "relay_domains",
    "parent_domain_matches_subdomains", "relayhost", "default_transport", "relay_transport",
    "sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps",
    "smtpd_sasl_auth_enable", NULL};
static const char *const explicit_words[] = {
    "-n", "transport_maps", "defer_transports", "smtpd_end_of_data_restrictions", NULL};

struct slice pause_config_value(const struct pause_config *config, const char *name)
{
	struct slice value;

	return postconf_output_find(buffer_slice(&config->expanded), name, &value) ? value
										   : SLICE("");
}

void pause_config_destroy(struct pause_config **config)
{
	if (*config == NULL)
		return;
	buffer_free(&(*config)->explicit_values);
	buffer_free(&(*config)->expanded);
	buffer_free(&(*config)->directory);
	free(*config);
	*config = NULL;
}

const char *pause_config_directory(const struct helper *helper)
{
	const char *set = role_config_get(&helper->config, "postfix.config_directory");

	return set[0] == '/' ? set : role_config_fact(&helper->config, "config_directory");
}

bool pause_config_possible(const struct helper *helper, struct error *err)
{
	const char *directory = pause_config_directory(helper);

	if (helper->config.prefix != NULL && helper->config.prefix[0] != '\0')
		return error_set(err, "pause_setup_impossible",
		    "Postfix is behind a command prefix: its tables cannot be written from here");
	if (!helper->config.privileged)
		return error_set(err, "pause_setup_impossible",
		    "Postroom was not started as root: it cannot write Postfix's tables");
	if (!pause_lines_directory_valid(directory))
		return error_set(err, "pause_setup_impossible",
		    "the name of the directory %.200s cannot stand in a list of main.cf",
		    directory);
	return true;
}

static void end(struct reading *r, const struct tool_said *said)
{
	struct error err;

	if (said->ok) {
		r->done(r->context, r->config, NULL);
	} else {
		tool_explain(said, "postconf", &err, "postfix_failed");
		pause_config_destroy(&r->config);
		r->done(r->context, NULL, &err);
	}
	free(r);
}

static void fill(struct reading *r)
{
	struct pause_config *config = r->config;

	buffer_append_string(&config->directory, pause_config_directory(r->helper));
	config->lines.directory = buffer_string(&config->directory);
	config->lines.type = pause_config_value(config, "default_database_type");
	config->lines.expanded = pause_config_value(config, "transport_maps");
	for (unsigned i = 0; i < PAUSE_LINES; i++) {
		config->lines.set[i] = postconf_output_find(buffer_slice(&config->explicit_values),
		    pause_lines_parameter[i], &config->lines.value[i]);
		/* All three are empty by default, in every version. */
		if (!config->lines.set[i])
			config->lines.value[i] = SLICE("");
	}
}

static void read_expanded(void *context, const struct tool_said *said)
{
	struct reading *r = context;

	buffer_append_slice(&r->config->expanded, said->out);
	fill(r);
	end(r, said);
}

static void read_explicit(void *context, const struct tool_said *said)
{
	struct reading *r = context;

	if (!said->ok) {
		end(r, said);
		return;
	}
	buffer_append_slice(&r->config->explicit_values, said->out);
	tool_run_words(r->helper, "postconf", expanded_words, SLICE(""), read_expanded, r);
}

void pause_config_read(struct helper *helper, pause_config_done *done, void *context)
{
	struct reading *r = memory_zero(1, sizeof(*r));

	*r = (struct reading){helper, memory_zero(1, sizeof(*r->config)), done, context};
	tool_run_words(helper, "postconf", explicit_words, SLICE(""), read_explicit, r);
}

/* ---- what Postfix has not read yet ---- */

static void put_unread_path(struct buffer *path, const struct helper *helper)
{
	pause_lines_path(path, pause_config_directory(helper), PAUSE_CONFIG_WORKSHOP "/unread");
}

bool pause_config_set_unread(const struct helper *helper)
{
	BUFFER_AUTO struct buffer path = {0};
	FD_AUTO int fd = -1;

	put_unread_path(&path, helper);
	fd = open(buffer_string(&path), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd >= 0;
}

bool pause_config_is_unread(const struct helper *helper)
{
	BUFFER_AUTO struct buffer path = {0};

	put_unread_path(&path, helper);
	return access(buffer_string(&path), F_OK) == 0;
}

void pause_config_set_read(const struct helper *helper)
{
	BUFFER_AUTO struct buffer path = {0};

	put_unread_path(&path, helper);
	unlink(buffer_string(&path));
}
