/* Scopes that were used last, by their texts: a page asks many times a second for the same one. */
#include "api/scopes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Accounts that work at the same time and see different parts. A large one takes a millisecond to
 * be read again. */
#define SCOPES_KEPT 32

struct api_scopes {
	struct {
		char *text;
		struct query_scope *scope;
	} kept[SCOPES_KEPT];
	size_t next;
};

struct api_scopes *api_scopes_create(void)
{
	return memory_zero(1, sizeof(struct api_scopes));
}

static void forget(struct api_scopes *scopes, size_t i)
{
	free(scopes->kept[i].text);
	query_scope_free(scopes->kept[i].scope);
}

void api_scopes_destroy(struct api_scopes **pointer)
{
	struct api_scopes *scopes = *pointer;

	for (size_t i = 0; scopes != NULL && i < SCOPES_KEPT; i++)
		forget(scopes, i);
	free(scopes);
	*pointer = NULL;
}

/* What a text stands for that is no filter: nothing has such a size. */
static struct query_scope *nothing(void)
{
	return query_scope_create(SLICE("size<0"), NULL);
}

const struct query_scope *api_scopes_get(struct api_scopes *scopes, const char *text)
{
	struct query_scope *scope;
	size_t at;

	/* No scope of his own: he sees everything. */
	if (text == NULL)
		return query_scope_all();
	for (size_t i = 0; i < SCOPES_KEPT; i++) {
		if (scopes->kept[i].text != NULL && strcmp(scopes->kept[i].text, text) == 0)
			return scopes->kept[i].scope;
	}
	scope = query_scope_create(slice_of(text), NULL);
	/* In a circle: more accounts than places cost time and never a wrong scope. */
	at = scopes->next++ % SCOPES_KEPT;
	forget(scopes, at);
	scopes->kept[at].text = memory_strdup(text);
	/* A scope that cannot be read must show nothing: to show everything would be the fault that
	 * counts. */
	scopes->kept[at].scope = scope != NULL ? scope : nothing();
	return scopes->kept[at].scope;
}
