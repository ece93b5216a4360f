/* Reading: files line by line, and single assignments. Both end in one function, so that a value is
 * checked alike wherever it comes from. */
#include "config/config.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "base/memory.h"
#include "base/slice.h"
#include "base/suggest.h"

static const struct config_key *find_key(struct slice name)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++)
		if (slice_is(name, keys[i].name))
			return &keys[i];
	return NULL;
}

/* A mistyped key must not be passed over: what it was meant to secure would stay open. */
static bool unknown_key(struct slice name, struct error *err)
{
	BUFFER_AUTO struct buffer all = {0};
	size_t count;
	const struct config_key *keys = config_keys(&count);
	ptrdiff_t dot = slice_find_char(name, '.');
	struct slice section = slice_first(name, dot < 0 ? 0 : (size_t)dot + 1);
	struct suggest suggest = suggest_begin(name);

	for (size_t i = 0; i < count; i++)
		suggest_offer(&suggest, keys[i].name);
	if (suggest.best != NULL)
		return error_set(err, "bad_config", "unknown key %.*s; did you mean %s?",
		    SLICE_ARGS(slice_first(name, 80)), suggest.best);
	/* The keys of that section, or all of them where there is no such section. */
	for (int pass = 0; pass < 2 && all.len == 0; pass++)
		for (size_t i = 0; i < count; i++)
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
	const struct config_key *keys;
	bool *seen; /* which of them */
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
	if (key != NULL && state->seen[key - state->keys] && !key->many)
		return error_set(err, "bad_config", "%s is given twice", key->name);
	if (key != NULL)
		state->seen[key - state->keys] = true;
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
	size_t count;
	struct parse_state state = {.config = config, .keys = config_keys(&count)};
	struct slice rest = {text, len}, line;
	bool ok = true;

	state.seen = memory_zero(count, sizeof(*state.seen));
	for (int number = 1; ok && slice_split(&rest, '\n', &line); number++) {
		ok = parse_line(&state, line, err);
		if (!ok)
			/* As compilers say it, so that editors can jump there. */
			error_prefix(err, "%s:%d", name, number);
	}
	buffer_free(&state.section);
	free(state.seen);
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
