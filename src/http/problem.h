/* The codes of problems, and the status that each belongs to. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "base/said.h"

/* The status of a code that api/openapi.yaml names; 0 when there is no such code. */
unsigned problem_status(const char *code);
/* What a code says to everybody who gets it; SAID_NOTHING where that depends on what was asked. */
enum said_code problem_says(const char *code);

#endif
