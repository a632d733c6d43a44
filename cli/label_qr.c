/*
 * label_qr.c - a QR code (ISO/IEC 18004) as SVG: one path of runs of dark modules.
 */
#include "cli/label.h"

#include <qrencode.h>
#include <stdlib.h>

#define QUIET 4 /* modules around it, § 6.3.8 */

/* "M x y h n v1 h-n z" for each run of dark modules in a row. */
static enum sc_err put_row(const QRcode *qr, int y, struct sc_buf *out)
{
	const unsigned char *row = qr->data + y * qr->width;
	enum sc_err err = SC_OK;

	for (int x = 0; x < qr->width && err == SC_OK; x++) {
		int n = 0;

		while (x + n < qr->width && (row[x + n] & 1) != 0)
			n++;
		if (n > 0)
			err = sc_buf_printf(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, n, n);
		x += n;
	}
	return err;
}

enum sc_err label_qr(const char *text, struct sc_buf *out)
{
	QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	enum sc_err err = SC_SYNTAX;

	if (qr != NULL)
		err = sc_buf_printf(out,
		    "<svg class=\"qr\" role=\"img\" viewBox=\"0 0 %d %d\" "
		    "shape-rendering=\"crispEdges\">"
		    "<title>%s</title><path d=\"",
		    qr->width + 2 * QUIET, qr->width + 2 * QUIET, text);
	for (int y = 0; qr != NULL && y < qr->width && err == SC_OK; y++)
		err = put_row(qr, y, out);
	if (err == SC_OK)
		err = sc_buf_put_str(out, "\"/></svg>");
	QRcode_free(qr);
	return err;
}
