/* The beginning and the end of all that columns/ has in memory. */
#include "index/columns/columns.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/region.h"
#include "index/columns/rows.h"

void columns_init(struct index *ix)
{
	dict_init(&ix->senders, true);
	dict_init(&ix->addresses, true);
	dict_init(&ix->domains, false);
	dict_init(&ix->reasons, true);
	dict_init(&ix->classes, true);
	dict_init(&ix->clients, false);
	dict_init(&ix->logins, false);
	dict_init(&ix->helos, false);
	dict_init(&ix->origins, false);
	dict_init(&ix->subjects, false);
	dict_init(&ix->fates, false);
	ix->lifetime = ix->bounce_lifetime = -1;
	ix->oldest_known = true;
	ix->changed_rows = memory_zero(GENERATION_ROWS, sizeof(*ix->changed_rows));
	/* So that no column is NULL. */
	rows_reserve(ix, 1);
}

void columns_free(struct index *ix)
{
	free(ix->changed_rows);
	delete_marks_free(&ix->delete_marks);
	paused_free(&ix->paused);
	buffer_free(&ix->text);
	rows_free_all(ix);
	recipients_free(&ix->recipients);
	dict_free(&ix->senders);
	dict_free(&ix->addresses);
	dict_free(&ix->domains);
	dict_free(&ix->reasons);
	dict_free(&ix->classes);
	dict_free(&ix->clients);
	dict_free(&ix->logins);
	dict_free(&ix->helos);
	dict_free(&ix->origins);
	dict_free(&ix->subjects);
	dict_free(&ix->fates);
	region_free(ix->diagnoses, ix->diagnoses_cap, sizeof(*ix->diagnoses));
	leaving_free(&ix->leaving);
}
