/*
 * said.c - what was said with a request, beside the values in it.
 */
#include "gateway/protect/job.h"
#include "policy/said.h"

void protect_meet_words(struct protect_job *job, size_t n)
{
	struct said said;

	said_of(&job->writer, &said);
	for (size_t i = 0; said.any && i < n && !job->result.named; i++)
		job->result.named = said_meets(&said, job->items[i].value);
}
