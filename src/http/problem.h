/* The codes of problems, and the status that each belongs to. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

/* The status of a code that api/openapi.yaml names; 0 when there is no such code. */
unsigned problem_status(const char *code);
/* What a code says to everybody who gets it; the code itself where the text depends on what was
 * asked. */
const char *problem_text(const char *code);

#endif
