/* One table says which operands are which objects of the API. Texts of strangers (senders, domains)
 * become part of a line that somebody is typing: one that a terminal must not have is left out. */
#include "cli/complete_live.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/safe_text.h"

/* For each request; there are two at most. */
#define DEADLINE_MS 400
/* Longer ones (whole replies) are no help. */
#define INSERT_MAX 120
/* More do not fit a screen. */
#define MOST "50"

/* ---- Printing ---- */

static bool is_safe(struct slice text)
{
	BUFFER_AUTO struct buffer safe = {0};

	safe_text_append(&safe, text);
	return slice_equal(buffer_slice(&safe), text);
}

static void print_bash(const struct completing *c, struct slice candidate, bool whole)
{
	BUFFER_AUTO struct buffer out = {0};
	size_t offset = c->line->offset;

	/* What stands in front of the last break is not replaced. */
	if (offset > candidate.len)
		return;
	shell_words_quote(&out, slice_from(candidate, offset), c->line->quote);
	printf("%s%s\n", buffer_string(&out), whole && c->line->quote == '\0' ? " " : "");
}

static void add_any(struct completing *c, struct slice candidate, struct slice means, bool whole)
{
	BUFFER_AUTO struct buffer full = {0};

	if (candidate.len == 0 || !is_safe(candidate))
		return;
	buffer_append(&full, c->full, c->before);
	buffer_append_slice(&full, candidate);
	c->any = true;
	if (c->shell == COMPLETE_BASH) {
		print_bash(c, buffer_slice(&full), whole);
		return;
	}
	printf("%s%s", buffer_string(&full), c->shell == COMPLETE_ZSH && whole ? " " : "");
	if (means.len > 0 && is_safe(means))
		printf("\t%.*s", SLICE_ARGS(means));
	putchar('\n');
}

void complete_add(struct completing *c, struct slice candidate, struct slice means, bool whole)
{
	if (slice_starts_with(candidate, c->word))
		add_any(c, candidate, means, whole);
}

/* ---- Asking ---- */

static json_t *ask(struct completing *c, const char *path)
{
	struct error err;
	struct client *client;

	if (c->load_config != NULL)
		c->load_config(c);
	c->load_config = NULL;
	client = command_client(&c->run, &err);
	if (client == NULL)
		return NULL;
	client_limit(client, DEADLINE_MS);
	return client_call(client, "GET", path, NULL, &err);
}

/* ---- Objects ---- */

static const struct {
	const char *command;
	const char *verbs; /* the operand in front, one of these; NULL: it is the first */
	const char *path, *list;
	const char *value, *about; /* members: what is typed, and what is said of it */
} objects[] = {
    {"incidents", NULL, "/incidents", "incidents", "id", "title"},
    {"incidents", "note snooze", "/incidents", "incidents", "id", "title"},
    {"jobs", NULL, "/jobs?limit=" MOST, "jobs", "id", "action"},
    {"jobs", "cancel", "/jobs?state=open&limit=" MOST, "jobs", "id", "action"},
    {"jobs", "undo", "/jobs?limit=" MOST, "jobs", "id", "action"},
    {"settings", "restore", "/settings/changes?limit=" MOST, "changes", "id", "by"},
    {"resume", NULL, "/pauses", "pauses", "id", "key"},
    {"pause", "change", "/pauses", "pauses", "id", "key"},
    {"pause", "domain", "/groups?by=recipient_domain&limit=" MOST, "groups", "key", "messages"},
    {"pause", "provider", "/groups?by=remote_domain&limit=" MOST, "groups", "key", "messages"},
    {"pause", "sender", "/groups?by=sender&limit=" MOST, "groups", "key", "messages"},
    {"pause", "login", "/groups?by=login&limit=" MOST, "groups", "key", "messages"},
    {"probe", NULL, "/groups?by=recipient_domain&limit=" MOST, "groups", "key", "messages"},
    {"alerts", "test", "/alerts/channels", "channels", "id", "kind"},
    {"alerts", "unsilence", "/alerts/silences", "silences", "id", "reason"},
    {"user", "set role lock unlock password delete", "/users", "users", "name", "role"},
    {"token", "revoke", "/tokens?all=true", "tokens", "id", "name"},
    {"sessions", "end", "/sessions?all=true", "sessions", "id", "name"},
    {"sessions", "end-all", "/users", "users", "name", "role"},
};

static bool is_among(const char *words, const char *word)
{
	struct slice rest = slice_of(words), one;

	while (slice_split(&rest, ' ', &one))
		if (slice_is(one, word))
			return true;
	return false;
}

/* A text, or a number as a text. */
static void append_member(struct buffer *out, const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);

	if (json_is_string(value))
		buffer_append_string(out, json_string_value(value));
	else if (json_is_integer(value))
		buffer_printf(out, "%lld", (long long)json_integer_value(value));
}

static void add_objects(struct completing *c, size_t row)
{
	json_t *reply = ask(c, objects[row].path), *object;
	size_t i;

	json_array_foreach(json_object_get(reply, objects[row].list), i, object)
	{
		BUFFER_AUTO struct buffer value = {0}, about = {0};

		append_member(&value, object, objects[row].value);
		/* It would be an option, and a stranger would have chosen it. */
		if (slice_starts_with(buffer_slice(&value), "-"))
			continue;
		append_member(&about, object, objects[row].about);
		if (strcmp(objects[row].about, "messages") == 0)
			buffer_append_string(&about, " messages");
		complete_add(c, buffer_slice(&value), buffer_slice(&about), true);
	}
	json_decref(reply);
}

/* ---- Queue IDs ---- */

static void add_ids(struct completing *c)
{
	BUFFER_AUTO struct buffer path = {0}, filter = {0};
	json_t *reply, *message;
	size_t i;

	if (c->word[strspn(c->word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789")] != '\0')
		return;
	buffer_append_string(&path, "/messages?limit=" MOST);
	if (c->word[0] != '\0') {
		buffer_printf(&filter, "id:%s*", c->word);
		client_query(&path, "filter", buffer_string(&filter));
	}
	reply = ask(c, buffer_string(&path));
	json_array_foreach(json_object_get(reply, "messages"), i, message)
	{
		const char *id = command_text(message, "id"),
			   *sender = command_text(message, "sender");

		if (id != NULL)
			complete_add(c, slice_of(id), slice_of(sender != NULL ? sender : ""), true);
	}
	json_decref(reply);
}

/* ---- Filters ---- */

static size_t characters(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return count;
}

/* Where `count` characters of `text` end. */
static size_t bytes_of(struct slice text, size_t count)
{
	size_t at = 0;

	while (at < text.len && (count > 0 || ((unsigned char)text.data[at] & 0xc0) == 0x80)) {
		count -= ((unsigned char)text.data[at] & 0xc0) != 0x80;
		at++;
	}
	return at;
}

/* The value of a term, without what stands before it: from:="x gives x. */
static struct slice value_of(struct slice term)
{
	ptrdiff_t colon = slice_find_char(term, ':');

	term = slice_from(term, colon >= 0 ? (size_t)colon + 1 : 0);
	if (term.len > 0 && term.data[0] == '=')
		term = slice_from(term, 1);
	if (term.len > 0 && term.data[0] == '"')
		term = slice_from(term, 1);
	return term;
}

/* Whether it goes on where `typed` ends. The service finds values by any part of them, and gives
 * them exactly (from:=), but a shell takes away what none of them begins with. */
static bool goes_on(struct slice typed, struct slice insert)
{
	struct slice begun = value_of(typed), value = value_of(insert);

	return slice_find_char(typed, ':') < 0
		   ? typed.len <= insert.len &&
			 slice_equal_nocase(slice_first(insert, typed.len), typed)
		   : begun.len <= value.len &&
			 slice_equal_nocase(slice_first(value, begun.len), begun);
}

/* Outside of quotes "age>" and "age<" have only "age\" in common, and that is what a shell would
 * put there. So it is "age": who types the sign there knows how to quote it. */
static bool loses_sign(const struct completing *c, struct slice insert)
{
	return (c->shell == COMPLETE_ZSH ||
		   (c->shell == COMPLETE_BASH && c->line->quote == '\0')) &&
	       insert.len > 1 && strchr("<>", insert.data[insert.len - 1]) != NULL;
}

static void add_item(struct completing *c, const json_t *item, size_t kept)
{
	const char *insert = command_text(item, "insert"), *label = command_text(item, "label");
	const json_t *messages = json_object_get(item, "messages");
	BUFFER_AUTO struct buffer candidate = {0}, means = {0};

	if (insert == NULL || strlen(insert) > INSERT_MAX ||
	    !goes_on(slice_of(c->word + kept), slice_of(insert)))
		return;
	buffer_append(&candidate, c->word, kept);
	buffer_append_string(&candidate, insert);
	if (loses_sign(c, slice_of(insert)))
		candidate.len--;
	if (label != NULL && strstr(insert, label) == NULL)
		buffer_append_string(&means, label);
	if (json_is_integer(messages))
		buffer_printf(&means, "%s%lld messages", means.len > 0 ? ", " : "",
		    (long long)json_integer_value(messages));
	add_any(c, buffer_slice(&candidate), buffer_slice(&means),
	    json_is_true(json_object_get(item, "complete")));
}

/* The operands in front belong to the filter as well: inside of a word with blanks only its last
 * term is completed, and its others stay. */
static void add_terms(struct completing *c)
{
	BUFFER_AUTO struct buffer text = {0}, path = {0};
	size_t before, column, i;
	json_t *reply, *item;

	for (i = 0; i < c->run.operand_count; i++)
		buffer_printf(&text, "%s ", c->run.operands[i]);
	before = characters(buffer_slice(&text));
	buffer_append_string(&text, c->word);
	buffer_append_string(&path, "/filters/completions?limit=" MOST);
	client_query(&path, "text", buffer_string(&text));
	reply = ask(c, buffer_string(&path));
	column = (size_t)command_integer(reply, "column");
	if (column > before)
		json_array_foreach(json_object_get(reply, "items"), i, item)
		    add_item(c, item, bytes_of(slice_of(c->word), column - 1 - before));
	json_decref(reply);
}

void complete_live(struct completing *c)
{
	const struct command_run *run = &c->run;

	if (strcmp(run->command->name, "show") == 0) {
		add_ids(c);
		return;
	}
	if (run->command->filter != COMMAND_NO_FILTER) {
		add_terms(c);
		/* A field or a word of a filter is what most begin with. */
		if (c->word[0] != '\0')
			add_ids(c);
		return;
	}
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (strcmp(objects[i].command, run->command->name) == 0 &&
		    (objects[i].verbs == NULL ? run->operand_count == 0
					      : run->operand_count == 1 &&
						    is_among(objects[i].verbs, run->operands[0])))
			add_objects(c, i);
}
