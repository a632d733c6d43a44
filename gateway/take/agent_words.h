/*
 * agent_words.h - parts of User-Agents that only programs send. Private to agent.c.
 */
#ifndef GATEWAY_TAKE_AGENT_WORDS_H
#define GATEWAY_TAKE_AGENT_WORDS_H

/*
 * Ended by NULL. In any letter case. '^' stands for the beginning; behind '~' is a library
 * that apps are built with, behind '!' what is people's, whatever else is in it.
 */
extern const char *const agent_words[];

#endif
