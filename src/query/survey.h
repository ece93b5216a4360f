/* A look at the whole queue bit by bit, for what is noticed by itself: index/groups/survey.h says
 * what it is worth. Nobody else's question is held up by it for longer than a step. */
#ifndef QUERY_SURVEY_H
#define QUERY_SURVEY_H

#include "index/groups/answer.h"
#include "query/query.h"

struct query_survey;

/* NULL with a scope that is not everything: what it tells belongs to nobody's part. It ends before
 * the query. */
struct query_survey *query_survey_create(struct query *q, const struct query_scope *scope);
/* Accepts a pointer to NULL. */
void query_survey_free(struct query_survey **survey);

/* Begins anew. */
void query_survey_begin(struct query_survey *survey, int64_t now);
/* Looks at the next `rows`. False when there are no more. */
bool query_survey_step(struct query_survey *survey, uint32_t rows);
/* What was found. The caller frees (survey_result_free in index/groups/answer.h). */
void query_survey_result(struct query_survey *survey, struct survey_result *out);

#endif
