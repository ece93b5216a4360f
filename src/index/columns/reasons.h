/* Reasons, their classes and diagnoses, by number. A reason is *settled* once its class and
 * diagnosis are known. Private to index/. */
#ifndef INDEX_REASONS_H
#define INDEX_REASONS_H

#include "index/columns/columns.h"

/* What a request that needs classes or diagnoses may settle itself: some ten milliseconds. Of a
 * queue with more reasons the rest is not known until index_settle has come to it. */
#define REASONS_SETTLE_REQUEST 2000

/* The words of a reason, without its code and host. */
struct slice reasons_text(const struct index *ix, uint32_t number);

/* Whether class and diagnosis of a reason are known already. */
static inline bool reasons_settled(const struct index *ix, uint32_t reason)
{
	return reason == 0 || (reason < ix->diagnoses_cap && ix->diagnoses[reason] != 0);
}
/* Of a settled reason: its class, a number in ix->classes; its diagnosis, diagnosis_index + 1, 0:
 * none. */
static inline uint32_t reasons_settled_class(const struct index *ix, uint32_t reason)
{
	return reason ? ix->reasons.note[reason] : 0;
}
static inline uint32_t reasons_settled_diagnosis(const struct index *ix, uint32_t reason)
{
	return reason ? ix->diagnoses[reason] - 1u : 0;
}
/* The diagnosis of a reason in the dictionary, which is settled by that. */
const struct diagnosis *reasons_diagnosis(struct index *ix, uint32_t reason);
/* Settles at most `budget` reasons; false when none is left. */
bool reasons_settle(struct index *ix, unsigned budget);

#endif
