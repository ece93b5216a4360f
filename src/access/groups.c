/* The lines of access.group, taken apart, and the sum of those that hold for one person. Few lines,
 * so they are looked through one by one. */
#include "access/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "base/utf8.h"

struct group {
	char *name;
	enum access_role role;
	uint32_t given, taken; /* rights, as bits */
	char *scope;	       /* NULL: everything */
};

struct groups {
	struct group items[GROUPS_MAX];
	size_t count;
};

struct groups *groups_create(void)
{
	return memory_zero(1, sizeof(struct groups));
}

void groups_destroy(struct groups **groups)
{
	for (size_t i = 0; *groups != NULL && i < (*groups)->count; i++) {
		free((*groups)->items[i].name);
		free((*groups)->items[i].scope);
	}
	free(*groups);
	*groups = NULL;
}

size_t groups_lines(const struct groups *groups)
{
	return groups->count;
}

const char *groups_name(const struct groups *groups, size_t index)
{
	return groups->items[index].name;
}

const char *groups_scope(const struct groups *groups, size_t index)
{
	return groups->items[index].scope;
}

uint32_t groups_lost(const struct groups *groups, size_t index)
{
	const struct group *group = &groups->items[index];
	const struct access_grant grant = {.role = group->role,
	    .given = group->given,
	    .taken = group->taken,
	    .scoped = group->scope != NULL};

	return group->role == ACCESS_ROLE_ADMIN ? access_grant_lost(&grant)
						: access_grant_lost(&grant) & group->given;
}

/* ---- Lines ---- */

/* A name in quotation marks off the front of *rest, without its backslashes. */
static bool take_quoted(struct slice *rest, struct buffer *name)
{
	for (size_t i = 1; i < rest->len; i++) {
		if (rest->data[i] == '"') {
			*rest = slice_from(*rest, i + 1);
			return true;
		}
		/* At the end of the line a backslash hides nothing, and the closing mark is
		 * missing.
		 */
		if (rest->data[i] == '\\' && ++i == rest->len)
			return false;
		buffer_append_char(name, rest->data[i]);
	}
	return false;
}

/* The group's name and the equals sign off the front of *rest. */
static bool take_name(struct slice *rest, struct buffer *name)
{
	struct slice plain;

	if (slice_starts_with(*rest, "\"")) {
		if (!take_quoted(rest, name))
			return false;
		*rest = slice_trim(*rest);
		if (!slice_starts_with(*rest, "="))
			return false;
		*rest = slice_from(*rest, 1);
	} else {
		if (slice_find_char(*rest, '=') < 0)
			return false;
		slice_split(rest, '=', &plain);
		buffer_append_slice(name, slice_trim(plain));
	}
	return name->len > 0 && name->len <= GROUPS_NAME_MAX && utf8_valid(buffer_slice(name)) &&
	       memchr(name->data, '\0', name->len) == NULL;
}

static struct slice take_word(struct slice *rest)
{
	struct slice word;

	*rest = slice_trim(*rest);
	slice_split(rest, ' ', &word);
	return word;
}

/* `+audit`, `-content`. */
static bool put_right(struct group *group, struct slice word, struct error *err)
{
	const char *names[RIGHTS] = {NULL};
	enum access_right right;
	char all[200];

	/* To see the queue is what a role is. */
	if (access_right_parse(slice_from(word, 1), &right) && right != RIGHT_VIEWER) {
		*(word.data[0] == '+' ? &group->given : &group->taken) |= ACCESS_RIGHT_BIT(right);
		return true;
	}
	for (size_t i = RIGHT_VIEWER + 1; i < RIGHTS; i++)
		names[i] = access_right_name((enum access_right)i);
	suggest_all(names, RIGHTS, all, sizeof(all));
	return error_set(err, "bad_config", "%.*s: there is no such right; there are %s",
	    SLICE_ARGS(slice_first(word, 40)), all);
}

static bool check_rights(const struct group *group, struct error *err)
{
	struct access_grant grant = {
	    .role = group->role, .given = group->given, .taken = group->taken};
	struct error why;

	return access_grant_check(&grant, &why) || error_set(err, "bad_config", "%s", why.text);
}

static bool read_role(struct group *group, struct slice rest, struct error *err)
{
	struct slice word = take_word(&rest);
	char all[ACCESS_ROLE_WORDS_SIZE];

	access_role_all(all);
	if (!access_role_parse(word, &group->role))
		return error_set(err, "bad_config", "%.*s: expected a role: %s",
		    SLICE_ARGS(slice_first(word, 40)), all);
	while ((rest = slice_trim(rest)).len > 0) {
		word = take_word(&rest);
		if (slice_is(word, "scope")) {
			rest = slice_trim(rest);
			/* An empty scope would be everything, which is said by leaving it out. */
			if (rest.len == 0 || rest.len > ACCESS_SCOPE_MAX)
				return error_set(err, "bad_config",
				    "scope: expected a filter of at most %d bytes behind it",
				    ACCESS_SCOPE_MAX);
			group->scope = memory_strndup(rest.data, rest.len);
			break;
		}
		if (word.data[0] != '+' && word.data[0] != '-')
			return error_set(err, "bad_config",
			    "%.*s: expected +RIGHT, -RIGHT or scope FILTER",
			    SLICE_ARGS(slice_first(word, 40)));
		if (!put_right(group, word, err))
			return false;
	}
	return check_rights(group, err);
}

static const struct group *find(const struct groups *groups, struct slice name)
{
	for (size_t i = 0; i < groups->count; i++)
		if (slice_is(name, groups->items[i].name))
			return &groups->items[i];
	return NULL;
}

bool groups_add(struct groups *groups, struct slice line, struct error *err)
{
	BUFFER_AUTO struct buffer name = {0};
	struct group group = {0};

	line = slice_trim(line);
	if (line.len > GROUPS_LINE_MAX || !take_name(&line, &name))
		return error_set(err, "bad_config",
		    "expected GROUP = ROLE [+RIGHT|-RIGHT]... [scope FILTER], with a group of at "
		    "most "
		    "%d bytes, in quotation marks if it has = or \" in it",
		    GROUPS_NAME_MAX);
	if (groups->count == GROUPS_MAX)
		return error_set(err, "bad_config", "there are more than %d groups", GROUPS_MAX);
	/* Two lines that say different things are a mistake, and either could be the one meant. */
	if (find(groups, buffer_slice(&name)) != NULL)
		return error_set(
		    err, "bad_config", "the group %s is given twice", buffer_string(&name));
	if (!read_role(&group, line, err)) {
		free(group.scope);
		return false;
	}
	group.name = memory_strdup(buffer_string(&name));
	groups->items[groups->count++] = group;
	return true;
}

bool groups_add_lines(struct groups *groups, struct slice lines, struct error *err)
{
	struct slice line;

	while (slice_split(&lines, '\n', &line))
		if (line.len > 0 && !groups_add(groups, line, err))
			return false;
	return true;
}

/* ---- People ---- */

/* Those of a person's groups that count: of the strongest role, each once. */
static size_t choose(const struct groups *groups, const struct slice *names, size_t count,
    const struct group *chosen[GROUPS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < groups->count; i++) {
		const struct group *group = &groups->items[i];
		bool is_in = false;

		for (size_t k = 0; k < count && !is_in; k++)
			is_in = slice_is(names[k], group->name);
		if (!is_in || (n > 0 && group->role < chosen[0]->role))
			continue;
		if (n > 0 && group->role > chosen[0]->role)
			n = 0;
		chosen[n++] = group;
	}
	return n;
}

/* One of them without a scope sees everything. */
static void join_scopes(
    const struct group *const chosen[], size_t count, struct access_grant *grant)
{
	BUFFER_AUTO struct buffer text = {0};
	size_t joined = 0;

	for (size_t i = 0; i < count; i++)
		if (chosen[i]->scope == NULL)
			return;
	for (size_t i = 0; i < count; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again = again || strcmp(chosen[k]->scope, chosen[i]->scope) == 0;
		if (!again)
			buffer_printf(
			    &text, "%s(%s)", joined++ > 0 ? " or " : "", chosen[i]->scope);
	}
	/* One alone is shown as it was written. */
	access_grant_set_scope(
	    grant, joined == 1 ? slice_of(chosen[0]->scope) : buffer_slice(&text));
}

bool groups_map(const struct groups *groups, const struct slice *names, size_t count,
    struct access_grant *grant)
{
	const struct group *chosen[GROUPS_MAX];
	size_t n = choose(groups, names, count, chosen);

	*grant = (struct access_grant){.role = ACCESS_ROLE_NONE};
	if (n == 0)
		return false;
	join_scopes(chosen, n, grant);
	grant->role = chosen[0]->role;
	grant->given = UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		grant->given &= chosen[i]->given;
		grant->taken |= chosen[i]->taken;
	}
	return true;
}

const char *groups_nearly(const struct groups *groups, struct slice name)
{
	for (size_t i = 0; i < groups->count; i++)
		if (slice_equal_nocase(slice_trim(name), slice_of(groups->items[i].name)))
			return groups->items[i].name;
	return NULL;
}
