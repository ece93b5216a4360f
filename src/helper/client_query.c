/* Three commands, one after the other: `postconf -P` of the service, `postconf -x` of the same
 * parameters, and `postmap -q` over the tables that these name. */
#include "helper/client_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "helper/pause_query.h"
#include "helper/tool.h"
#include "postfix/pause_lines.h"
#include "postfix/postconf_output.h"

/* What a probe goes by. The first names the tables; it is not told itself. */
static const char *const parameters[] = {"smtp_tls_policy_maps", "smtp_tls_security_level",
    "smtp_tls_verify_cert_match", "smtp_tls_secure_cert_match", "smtp_tls_CAfile",
    "smtp_tls_CApath", "tls_append_default_CA", "smtp_helo_name", "smtp_bind_address",
    "smtp_bind_address6", "smtp_dns_support_level", "disable_dns_lookups", "smtp_host_lookup",
    "inet_protocols", "content_filter"};
#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))
#define TABLES parameters[0]

struct asking {
	struct helper *helper;
	struct peer_ref peer;
	struct buffer texts;
	struct slice transport, next_hop; /* in texts */
	struct buffer overrides, main_cf; /* what postconf said */
};

bool client_query_value(struct slice overrides, struct slice main_cf, const char *name,
    struct slice *value, bool *from_master)
{
	struct postconf_output_override found;
	struct slice line;

	*from_master = false;
	while (slice_split(&overrides, '\n', &line))
		if (postconf_output_parse_override(line, &found) && slice_is(found.name, name)) {
			*value = found.value;
			*from_master = true;
		}
	return *from_master || postconf_output_find(main_cf, name, value);
}

static bool is_name(struct slice next_hop)
{
	for (size_t i = 0; i < next_hop.len; i++)
		if (strchr("[]:", next_hop.data[i]) != NULL)
			return false;
	return true;
}

void client_query_put_keys(struct buffer *keys, struct slice next_hop)
{
	bool name = is_name(next_hop);

	while (next_hop.len > 0) {
		ptrdiff_t dot = slice_find_char(slice_from(next_hop, 1), '.');

		buffer_append_slice(keys, next_hop);
		buffer_append_char(keys, '\n');
		if (!name || dot < 0)
			return;
		next_hop = slice_from(next_hop, (size_t)dot + 1);
	}
}

/* ---- answering ---- */

static void asking_free(struct asking *a)
{
	buffer_free(&a->texts);
	buffer_free(&a->overrides);
	buffer_free(&a->main_cf);
	free(a);
}

static void answer(struct asking *a, const struct pause_answer *policy)
{
	struct peer *peer = peer_of(a->helper, &a->peer);
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, HELPER_PAUSE_ANSWERS, a->peer.request);
	pause_answer_put(&frame, policy);
	for (size_t i = 1; i < PARAMETERS; i++) {
		struct pause_answer set = {.found = slice_of(parameters[i])};

		if (client_query_value(buffer_slice(&a->overrides), buffer_slice(&a->main_cf),
			parameters[i], &set.answer, &set.ours))
			pause_answer_put(&frame, &set);
	}
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
	asking_free(a);
}

static void refuse(struct asking *a, const struct tool_said *said)
{
	struct peer *peer = peer_of(a->helper, &a->peer);
	struct error err;

	tool_explain(said, "postconf", &err, "postfix_failed");
	if (peer != NULL)
		peer_refuse_error(peer, a->peer.request, &err);
	asking_free(a);
}

/* ---- asking ---- */

static void policies_asked(void *context, const struct tool_said *said)
{
	struct asking *a = context;
	struct pause_answer policy = {.found = SLICE("")};
	BUFFER_AUTO struct buffer keys = {0};
	struct slice rest, key;
	struct error err;

	client_query_put_keys(&keys, a->next_hop);
	rest = buffer_slice(&keys);
	if (!pause_query_said_well(said, TABLES, &err)) {
		policy.unsure = true;
		policy.answer = slice_of(err.text);
	}
	while (!policy.unsure && policy.found.len == 0 && slice_split(&rest, '\n', &key))
		if (pause_query_find(said->out, key, &policy.answer))
			policy.found = key;
	answer(a, &policy);
}

static void ask_policies(struct asking *a)
{
	COMMAND_WORDS_AUTO struct command_words words = {0};
	BUFFER_AUTO struct buffer keys = {0};
	struct slice rest = SLICE(""), word;
	size_t tables = 0;
	bool from_master;

	(void)client_query_value(
	    buffer_slice(&a->overrides), buffer_slice(&a->main_cf), TABLES, &rest, &from_master);
	if (command_begin(&words, &a->helper->config, "postmap", NULL)) {
		command_words_add(&words, "-q");
		command_words_add(&words, "-");
	}
	while (words.count > 0 && pause_lines_word(&rest, &word)) {
		MEMORY_AUTO char *text = memory_strndup(word.data, word.len);

		command_words_add(&words, text);
		tables++;
	}
	client_query_put_keys(&keys, a->next_hop);
	if (tables > 0)
		tool_run(a->helper, &words, buffer_slice(&keys), policies_asked, a);
	else
		answer(a, &(struct pause_answer){.found = SLICE("")});
}

static void main_cf_read(void *context, const struct tool_said *said)
{
	struct asking *a = context;

	if (!said->ok) {
		refuse(a, said);
		return;
	}
	buffer_append_slice(&a->main_cf, said->out);
	ask_policies(a);
}

/* An older Postfix does not know each of them, says so on standard error, and prints the others. */
static void overrides_read(void *context, const struct tool_said *said)
{
	const char *words[PARAMETERS + 2] = {"-x"};
	struct asking *a = context;

	if (!said->ok) {
		refuse(a, said);
		return;
	}
	buffer_append_slice(&a->overrides, said->out);
	for (size_t i = 0; i < PARAMETERS; i++)
		words[i + 1] = parameters[i];
	tool_run_words(a->helper, "postconf", words, SLICE(""), main_cf_read, a);
}

void client_query_take(struct peer *peer, uint32_t request, const struct pause_query *query)
{
	struct asking *a;
	char service[PAUSE_KEY_MAX + sizeof("/unix")];
	const char *words[] = {"-P", "-x", service, NULL};

	if (query->count != 2 || !pause_transport_valid(query->keys[0]) ||
	    !pause_next_hop_valid(query->keys[1])) {
		peer_refuse(peer, request, "bad_value", "a client is a transport and a next hop");
		return;
	}
	a = memory_zero(1, sizeof(*a));
	a->helper = peer->helper;
	a->peer = peer_ref(peer, request);
	/* Of its own: the frame is gone before postconf has answered. */
	buffer_append_slice(&a->texts, query->keys[0]);
	buffer_append_slice(&a->texts, query->keys[1]);
	a->transport = slice_first(buffer_slice(&a->texts), query->keys[0].len);
	a->next_hop = slice_from(buffer_slice(&a->texts), query->keys[0].len);
	snprintf(service, sizeof(service), "%.*s/unix", SLICE_ARGS(a->transport));
	tool_run_words(a->helper, "postconf", words, SLICE(""), overrides_read, a);
}
