/* What is found out about reasons: the class and the diagnosis of each, once, when somebody first
 * asks or between requests (index_settle). To find them takes some microseconds a reason, and a
 * queue may have a million; so a request settles only some, and treats the others as not known. */
#include "index/columns/reasons.h"

#include <string.h>

#include "base/region.h"
#include "index/columns/intern.h"
#include "postfix/reason.h"

/* A filter asks for all of them: two searches, and nothing else. */
struct slice reasons_text(const struct index *ix, uint32_t number)
{
	struct slice all = dict_text(&ix->reasons, number);
	const char *end = all.data + all.len, *at = memchr(all.data, SEPARATOR, all.len);

	if (at)
		at = memchr(at + 1, SEPARATOR, (size_t)(end - at - 1));
	return at ? slice_make(at + 1, (size_t)(end - at - 1)) : (struct slice){"", 0};
}

static void settle_reason(struct index *ix, uint32_t reason)
{
	BUFFER_AUTO struct buffer class = {0};
	struct slice rest = dict_text(&ix->reasons, reason), dsn = intern_part(&rest);
	struct slice text = reasons_text(ix, reason);
	const struct diagnosis *found = diagnosis_find(text, dsn);

	if (reason >= ix->diagnoses_cap) {
		ix->diagnoses = region_resize(
		    ix->diagnoses, ix->diagnoses_cap, ix->reasons.cap, sizeof(*ix->diagnoses));
		ix->diagnoses_cap = ix->reasons.cap;
	}
	ix->diagnoses[reason] = found ? (uint16_t)(diagnosis_index(found) + 2) : 1;
	reason_class(&class, text);
	ix->reasons.note[reason] = dict_intern(&ix->classes, buffer_slice(&class));
	/* A class has the diagnosis of the reason that it was made for. */
	if (class.len > 0 && ix->classes.note[ix->reasons.note[reason]] == 0)
		ix->classes.note[ix->reasons.note[reason]] = ix->diagnoses[reason] - 1u;
}

const struct diagnosis *reasons_diagnosis(struct index *ix, uint32_t reason)
{
	uint32_t number;

	if (!reasons_settled(ix, reason))
		settle_reason(ix, reason);
	number = reasons_settled_diagnosis(ix, reason);
	return number ? diagnosis_at(number - 1) : NULL;
}

bool reasons_settle(struct index *ix, unsigned budget)
{
	for (; ix->settle_from < ix->reasons.count && budget > 0; ix->settle_from++) {
		uint32_t n = ix->settle_from;
		if (!dict_used(&ix->reasons, n) || reasons_settled(ix, n))
			continue;
		settle_reason(ix, n);
		budget--;
	}
	return ix->settle_from < ix->reasons.count;
}

bool index_settle(struct index *ix, unsigned budget)
{
	bool loading = ix->scanning && ix->state != INDEX_CURRENT;

	return !loading && reasons_settle(ix, budget);
}
