/*
 * fuzz_note.c - no bytes crash the reading of notes, checkpoints and keys; what
 * was read prints to what reads the same.
 */
#include <stdlib.h>

#include "crypto/tlog/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span in = sc_span(data, size);
	struct note_head head, back;
	struct note_key key, key2;
	struct sc_buf text;
	struct note note;
	bool found;

	sc_buf_init(&text, NOTE_MAX);
	if (note_key_parse(in, &key) == SC_OK &&
	    (note_key_print(&key, &text) != SC_OK ||
		note_key_parse(sc_buf_span(&text), &key2) != SC_OK ||
		memcmp(&key, &key2, sizeof(key)) != 0))
		abort();
	sc_buf_clear(&text);
	if (note_parse(in, &note) == SC_OK) {
		memset(&key, 0, sizeof(key));
		memcpy(key.id, note.sigs[0].id, 4);
		key.type = NOTE_ED25519;
		memcpy(key.name, note.sigs[0].name.p, note.sigs[0].name.n);
		/* nobody has signed with this key */
		if (note_verify(&note, &key, &found) == SC_OK && found)
			abort();
		if (note_head_parse(note.text, &head) == SC_OK &&
		    (note_head_print(&head, &text) != SC_OK ||
			note_head_parse(sc_buf_span(&text), &back) != SC_OK ||
			memcmp(&head, &back, sizeof(head)) != 0))
			abort();
	}
	sc_buf_fini(&text);
	return 0;
}
