/* Encoders and decoders of what supervisor and roles tell each other: configuration and Postfix's
 * facts, peers, listeners, pings and states. */
#include "wire/control_proto.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "wire/channel.h"

const char *control_role_name(enum control_role role)
{
	static const char *const names[CONTROL_ROLES] = {
	    NULL, "helper", "reader", "logreader", "server", "viewer", "notifier", "identity"};

	return (unsigned)role < CONTROL_ROLES ? names[role] : NULL;
}

/* ---- struct role_config ---- */

/* One table for encoding, decoding, freeing and looking up. A fact that is added here is nowhere
 * forgotten. */
static const struct fact {
	const char *name;
	size_t offset;
} facts[] = {
    {"config_directory", offsetof(struct postfix_facts, config_directory)},
    {"queue_directory", offsetof(struct postfix_facts, queue_directory)},
    {"command_directory", offsetof(struct postfix_facts, command_directory)},
    {"daemon_directory", offsetof(struct postfix_facts, daemon_directory)},
    {"data_directory", offsetof(struct postfix_facts, data_directory)},
    {"mail_owner", offsetof(struct postfix_facts, mail_owner)},
    {"setgid_group", offsetof(struct postfix_facts, setgid_group)},
    {"hash_queue_names", offsetof(struct postfix_facts, hash_queue_names)},
    {"hash_queue_depth", offsetof(struct postfix_facts, hash_queue_depth)},
    {"mail_version", offsetof(struct postfix_facts, mail_version)},
    {"maillog_file", offsetof(struct postfix_facts, maillog_file)},
    {"syslog_name", offsetof(struct postfix_facts, syslog_name)},
    {"multi_instance_name", offsetof(struct postfix_facts, multi_instance_name)},
    {"myhostname", offsetof(struct postfix_facts, myhostname)},
    {"enable_long_queue_ids", offsetof(struct postfix_facts, enable_long_queue_ids)},
    {"queue_run_delay", offsetof(struct postfix_facts, queue_run_delay)},
    {"minimal_backoff_time", offsetof(struct postfix_facts, minimal_backoff_time)},
    {"maximal_backoff_time", offsetof(struct postfix_facts, maximal_backoff_time)},
    {"maximal_queue_lifetime", offsetof(struct postfix_facts, maximal_queue_lifetime)},
    {"bounce_queue_lifetime", offsetof(struct postfix_facts, bounce_queue_lifetime)},
    {"delay_warning_time", offsetof(struct postfix_facts, delay_warning_time)},
    {"queue_minfree", offsetof(struct postfix_facts, queue_minfree)},
    {"message_size_limit", offsetof(struct postfix_facts, message_size_limit)},
    {"mynetworks", offsetof(struct postfix_facts, mynetworks)},
    {"qmgr_message_active_limit", offsetof(struct postfix_facts, qmgr_message_active_limit)},
    {"relayhost", offsetof(struct postfix_facts, relayhost)},
    {"default_transport", offsetof(struct postfix_facts, default_transport)},
    {"relay_transport", offsetof(struct postfix_facts, relay_transport)},
    {"transport_maps", offsetof(struct postfix_facts, transport_maps)},
    {"smtp_dns_support_level", offsetof(struct postfix_facts, smtp_dns_support_level)},
    {"disable_dns_lookups", offsetof(struct postfix_facts, disable_dns_lookups)},
    {"smtp_host_lookup", offsetof(struct postfix_facts, smtp_host_lookup)},
    {"inet_protocols", offsetof(struct postfix_facts, inet_protocols)},
    {"smtp_helo_name", offsetof(struct postfix_facts, smtp_helo_name)},
    {"smtp_bind_address", offsetof(struct postfix_facts, smtp_bind_address)},
    {"smtp_bind_address6", offsetof(struct postfix_facts, smtp_bind_address6)},
    {"smtp_tls_security_level", offsetof(struct postfix_facts, smtp_tls_security_level)},
    {"smtp_tls_CAfile", offsetof(struct postfix_facts, smtp_tls_ca_file)},
};
#define FACTS (sizeof(facts) / sizeof(facts[0]))

static const struct fact *find_fact(const char *name)
{
	for (size_t i = 0; i < FACTS; i++)
		if (strcmp(facts[i].name, name) == 0)
			return &facts[i];
	return NULL;
}

static char **fact_field(const struct role_config *config, const struct fact *fact)
{
	return (char **)((char *)&config->facts + fact->offset);
}

/* A fact that is not known is NULL here and empty everywhere else. */
static const char *text_of(const char *s)
{
	return s != NULL ? s : "";
}

static char *copy_slice(struct slice s)
{
	return memory_strndup(s.len > 0 ? s.data : "", s.len);
}

static void replace(char **field, struct slice value)
{
	/* Copied first: the value may lie in the text that is freed. */
	char *copy = copy_slice(value);

	free(*field);
	*field = copy;
}

const char *role_config_get(const struct role_config *config, const char *key)
{
	for (size_t i = 0; i < config->pair_count; i++)
		if (strcmp(config->pairs[i].key, key) == 0)
			return config->pairs[i].value;
	return "";
}

void role_config_set(struct role_config *config, const char *key, const char *value)
{
	for (size_t i = 0; i < config->pair_count; i++)
		if (strcmp(config->pairs[i].key, key) == 0) {
			replace(&config->pairs[i].value, slice_of(value));
			return;
		}
	config->pairs =
	    memory_resize(config->pairs, config->pair_count + 1, sizeof(*config->pairs));
	config->pairs[config->pair_count++] =
	    (struct config_pair){memory_strdup(key), memory_strdup(value)};
}

const char *role_config_fact(const struct role_config *config, const char *name)
{
	const struct fact *fact = find_fact(name);

	return fact != NULL ? text_of(*fact_field(config, fact)) : NULL;
}

bool role_config_set_fact(struct role_config *config, const char *name, struct slice value)
{
	const struct fact *fact = find_fact(name);

	if (fact == NULL)
		return false;
	replace(fact_field(config, fact), value);
	return true;
}

const char *role_config_fact_name(size_t index)
{
	return index < FACTS ? facts[index].name : NULL;
}

void role_config_free(struct role_config *config)
{
	for (size_t i = 0; i < config->pair_count; i++) {
		free(config->pairs[i].key);
		free(config->pairs[i].value);
	}
	free(config->pairs);
	for (size_t i = 0; i < FACTS; i++)
		free(*fact_field(config, &facts[i]));
	free(config->facts.error);
	free(config->config_path);
	free(config->prefix);
	*config = (struct role_config){0};
}

void role_config_encode(struct buffer *frame, const struct role_config *config)
{
	frame_begin(frame, CONTROL_CONFIG, 0);
	buffer_put_u16(frame, (uint16_t)config->pair_count);
	for (size_t i = 0; i < config->pair_count; i++) {
		buffer_put_string(frame, slice_of(config->pairs[i].key));
		buffer_put_string(frame, slice_of(config->pairs[i].value));
	}
	buffer_put_u8(frame, config->facts.known);
	buffer_put_string(frame, slice_of(text_of(config->facts.error)));
	for (size_t i = 0; i < FACTS; i++)
		buffer_put_string(frame, slice_of(text_of(*fact_field(config, &facts[i]))));
	buffer_put_string(frame, slice_of(text_of(config->config_path)));
	buffer_put_u8(frame, config->privileged);
	buffer_put_string(frame, slice_of(text_of(config->prefix)));
}

/* A text that C code will use as a string: a NUL inside it would hide the rest. */
static char *take_text(struct cursor *c)
{
	struct slice s = cursor_string(c, CONTROL_VALUE_MAX);

	if (s.len > 0 && memchr(s.data, '\0', s.len) != NULL)
		c->failed = true;
	return copy_slice(s);
}

static void take_pairs(struct cursor *c, struct role_config *config)
{
	uint16_t count = cursor_u16(c);

	/* Even root's frames are read within bounds: a mistake there must not become one here. */
	if (count > CONTROL_PAIRS_MAX)
		c->failed = true;
	for (uint16_t i = 0; i < count && !c->failed; i++) {
		MEMORY_AUTO char *key = take_text(c);
		MEMORY_AUTO char *value = take_text(c);

		role_config_set(config, key, value);
	}
}

bool role_config_decode(const struct frame *frame, struct role_config *config)
{
	struct cursor c = frame_cursor(frame);

	/* What is decoded replaces all that was there, also where the new one is shorter. */
	role_config_free(config);
	if (frame->type != CONTROL_CONFIG)
		return false;
	take_pairs(&c, config);
	config->facts.known = cursor_flag(&c);
	config->facts.error = take_text(&c);
	for (size_t i = 0; i < FACTS; i++)
		*fact_field(config, &facts[i]) = take_text(&c);
	config->config_path = take_text(&c);
	config->privileged = cursor_flag(&c);
	/* The order is that of role_config_encode. */
	config->prefix = take_text(&c);
	if (cursor_finished(&c))
		return true;
	role_config_free(config);
	return false;
}

/* ---- the other frames ---- */

void control_peer_encode(struct buffer *frame, const struct control_peer *peer)
{
	frame_begin(frame, CONTROL_PEER, 0);
	buffer_put_u8(frame, (uint8_t)peer->role);
}

static enum control_role take_role(struct cursor *c)
{
	uint8_t role = cursor_u8(c);

	/* Receivers use the role as a place in arrays. */
	if (control_role_name((enum control_role)role) == NULL)
		c->failed = true;
	return (enum control_role)role;
}

bool control_peer_decode(const struct frame *frame, struct control_peer *peer)
{
	struct cursor c = frame_cursor(frame);

	peer->role = take_role(&c);
	/* A peer without its descriptor is none, and neither is one with two. */
	return frame->type == CONTROL_PEER && frame->fd_count == 1 && cursor_finished(&c);
}

void control_listen_encode(struct buffer *frame, const struct control_listen *listen)
{
	frame_begin(frame, CONTROL_LISTEN, 0);
	buffer_put_u8(frame, (uint8_t)listen->kind);
	buffer_put_string(frame, listen->address);
}

bool control_listen_decode(const struct frame *frame, struct control_listen *listen)
{
	struct cursor c = frame_cursor(frame);
	uint8_t kind = cursor_u8(&c);

	listen->kind = (enum control_listen_kind)kind;
	listen->address = cursor_string(&c, CONTROL_VALUE_MAX);
	return frame->type == CONTROL_LISTEN && frame->fd_count == 1 && cursor_finished(&c) &&
	       kind >= CONTROL_LISTEN_TCP && kind <= CONTROL_LISTEN_METRICS;
}

void control_plain_encode(struct buffer *frame, enum control_type type)
{
	frame_begin(frame, (uint8_t)type, 0);
}

void control_answer_ping(struct channel *channel)
{
	BUFFER_AUTO struct buffer frame = {0};

	control_plain_encode(&frame, CONTROL_PONG);
	/* If nobody takes it, the supervisor is gone or sees that no answer comes. */
	(void)channel_send(channel, &frame, NULL, 0);
}

void control_role_state_encode(struct buffer *frame, const struct control_role_state *state)
{
	frame_begin(frame, CONTROL_ROLE_STATE, 0);
	buffer_put_u8(frame, (uint8_t)state->role);
	buffer_put_u8(frame, state->running);
	buffer_put_u32(frame, state->restarts);
	buffer_put_string(frame, state->detail);
}

bool control_role_state_decode(const struct frame *frame, struct control_role_state *state)
{
	struct cursor c = frame_cursor(frame);

	state->role = take_role(&c);
	state->running = cursor_flag(&c);
	state->restarts = cursor_u32(&c);
	state->detail = cursor_string(&c, CONTROL_VALUE_MAX);
	return frame->type == CONTROL_ROLE_STATE && cursor_finished(&c);
}

void control_ready_encode(struct buffer *frame, const struct control_ready *ready)
{
	frame_begin(frame, CONTROL_READY, 0);
	buffer_put_u8(frame, (uint8_t)ready->role);
	buffer_put_u32(frame, ready->uid);
	buffer_put_u32(frame, ready->gid);
	buffer_put_u32(frame, ready->groups);
	buffer_put_u64(frame, ready->cap_permitted);
	buffer_put_u64(frame, ready->cap_effective);
	buffer_put_u64(frame, ready->cap_bounding);
	buffer_put_u64(frame, ready->cap_ambient);
	buffer_put_u8(frame, ready->no_new_privs);
	buffer_put_u8(frame, ready->dumpable);
	buffer_put_u32(frame, ready->open_fds);
}

bool control_ready_decode(const struct frame *frame, struct control_ready *ready)
{
	struct cursor c = frame_cursor(frame);

	ready->role = take_role(&c);
	ready->uid = cursor_u32(&c);
	ready->gid = cursor_u32(&c);
	ready->groups = cursor_u32(&c);
	/* All of it is only what the role says; the supervisor asks the kernel as well
	 * (role/prove.h). */
	ready->cap_permitted = cursor_u64(&c);
	ready->cap_effective = cursor_u64(&c);
	ready->cap_bounding = cursor_u64(&c);
	ready->cap_ambient = cursor_u64(&c);
	ready->no_new_privs = cursor_flag(&c);
	ready->dumpable = cursor_flag(&c);
	ready->open_fds = cursor_u32(&c);
	return frame->type == CONTROL_READY && cursor_finished(&c);
}
