/* Surveys, for those who may see everything. */
#include "query/survey.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/groups/survey.h"
#include "query/internal.h"

struct query_survey {
	struct survey *survey;
};

struct query_survey *query_survey_create(struct query *q, const struct query_scope *scope)
{
	struct query_survey *s;

	if (!query_scope_is_all(scope))
		return NULL;
	s = memory_zero(1, sizeof(*s));
	s->survey = survey_create(q->index);
	return s;
}

void query_survey_begin(struct query_survey *survey, int64_t now)
{
	survey_begin(survey->survey, now);
}

bool query_survey_step(struct query_survey *survey, uint32_t rows)
{
	return survey_step(survey->survey, rows);
}

void query_survey_result(struct query_survey *survey, struct survey_result *out)
{
	survey_result(survey->survey, out);
}

void query_survey_free(struct query_survey **survey)
{
	if (*survey == NULL)
		return;
	survey_free(&(*survey)->survey);
	free(*survey);
	*survey = NULL;
}
