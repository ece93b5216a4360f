#include "api/groups.h"

#include "api/message_json.h"
#include "base/clock.h"
#include "index/groups.h"

/* The field of the filter language that tells one group of a kind from the others by its whole
 * value; NULL where none does. */
static const char *const filter_fields[GROUP_KEY_COUNT] = {
    [GROUP_QUEUE] = "queue",
    [GROUP_RECIPIENT_DOMAIN] = "domain",
    [GROUP_SENDER] = "from",
    [GROUP_REASON] = "reason",
    [GROUP_DIAGNOSIS] = "diagnosis",
    [GROUP_LOGIN] = "login",
};

static void append_exact(struct buffer *out, const char *field, struct slice value)
{
	buffer_printf(out, "%s:=\"", field);
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			buffer_append_char(out, '\\');
		buffer_append_char(out, value.data[i]);
	}
	buffer_append_char(out, '"');
}

/* A domain that may stand behind a star without quotes. */
static bool plain_domain(struct slice domain)
{
	for (size_t i = 0; i < domain.len; i++) {
		unsigned char c = (unsigned char)domain.data[i];
		if (c <= ' ' || c == '"' || c == '(' || c == ')' || c == '*' || c == '?')
			return false;
	}
	return domain.len > 0;
}

/* One term, so that a minus in front of it takes all of it. */
static void append_age(struct buffer *out, struct slice key)
{
	int from, to;

	group_age_bounds(key, &from, &to);
	if (from == 0)
		buffer_printf(out, "age<%dm", to);
	else if (to == 0)
		buffer_printf(out, "age>=%dm", from);
	else
		buffer_printf(out, "(age>=%dm age<%dm)", from, to);
}

static json_t *filter_json(enum group_key key, struct slice value)
{
	BUFFER_AUTO struct buffer text = {0};

	if (key == GROUP_SENDER && value.len == 0) {
		buffer_append_string(&text, "from:<>");
	} else if (key == GROUP_SENDER_DOMAIN && plain_domain(value)) {
		buffer_printf(&text, "from:*@%.*s", SLICE_ARGS(value));
	} else if (key == GROUP_AGE) {
		append_age(&text, value);
	} else if (key == GROUP_CLIENT && value.len > 0) {
		/* "name[address]": the address is what the connection came from. */
		ptrdiff_t open = slice_find_char(value, '[');
		struct slice address = slice_from(value, (size_t)(open + 1));
		if (open >= 0 && address.len > 1)
			append_exact(&text, "client", slice_first(address, address.len - 1));
	} else if (filter_fields[key] && value.len > 0) {
		append_exact(&text, filter_fields[key], value);
	}
	return api_string_or_null(buffer_slice(&text));
}

json_t *api_group_json(enum group_key key, const struct group *g)
{
	/* The null sender is known; any other empty key is what is not known, or not there. */
	json_t *name = key == GROUP_SENDER ? api_string(g->key) : api_string_or_null(g->key);

	return json_pack("{so, sI, sI, sI, so, so, so}", "key", name, "messages",
	    (json_int_t)g->messages, "recipients", (json_int_t)g->recipients, "bytes",
	    (json_int_t)g->bytes, "oldest_arrival", api_time(g->oldest_arrival), "filter",
	    filter_json(key, g->key), "diagnosis", message_json_diagnosis(g->diagnosis));
}

static json_t *other_json(const struct groups *groups)
{
	const struct group *g = &groups->other;

	if (groups->other_groups == 0)
		return json_null();
	return json_pack("{sI, sI, sI, so}", "messages", (json_int_t)g->messages, "recipients",
	    (json_int_t)g->recipients, "bytes", (json_int_t)g->bytes, "oldest_arrival",
	    api_time(g->oldest_arrival));
}

static void reply_groups(struct http_request *rq, enum group_key key, const struct groups *groups)
{
	json_t *list = json_array();

	for (size_t i = 0; i < groups->count; i++)
		json_array_append_new(list, api_group_json(key, &groups->items[i]));
	http_reply_json(rq, 200,
	    json_pack("{sI, ss, so, so}", "generation", (json_int_t)groups->match.generation, "by",
		group_key_name(key), "groups", list, "other", other_json(groups)));
}

static void get_groups(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice by = {"", 0}, text = {"", 0};
	enum group_key key = GROUP_QUEUE;
	struct filter *filter;
	struct groups groups;
	uint64_t limit;

	http_query(rq, "by", &by);
	http_query(rq, "filter", &text);
	if (!group_key_parse(by, &key)) {
		http_reply_problem_with(rq, 400, "invalid_value",
		    "by is queue, recipient_domain, sender, sender_domain, reason, diagnosis, "
		    "age, client or login",
		    json_pack("{ss}", "member", "by"));
		return;
	}
	if (!http_query_u64(rq, "limit", 1, GROUPS_LIMIT_MAX, 20, &limit) ||
	    !message_json_filter(rq, text, &filter))
		return;
	groups_count(api->index, filter, &key, 1, limit, clock_now(), &groups);
	reply_groups(rq, key, &groups);
	groups_free(&groups);
	filter_free(filter);
}

const struct http_route api_groups_routes[] = {
    {HTTP_GET, "/api/v1/groups", HTTP_VIEWER, 0, "by filter limit", get_groups},
    {.path = NULL},
};
