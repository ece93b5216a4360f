/* The codes of problems, and the status that each belongs to. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

/* The status of a code that api/openapi.yaml names; 0 when there is no such code. */
unsigned problem_status(const char *code);

#endif
