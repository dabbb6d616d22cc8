/* Polygons to rows of pixels. No Python in here, so that it can be read and tested alone. */

#ifndef PIXRET_RASTER_H
#define PIXRET_RASTER_H

#include <stdint.h>

/* Within these nothing overflows. */
#define RASTER_MAX_COORDINATE ((int64_t)1 << 30)
#define RASTER_MAX_PIXELS ((int64_t)1 << 44)

typedef struct Outline Outline;

/* The union of filled polygons on a canvas, of which rows are asked for from the top to the bottom. */
typedef struct {
    int64_t height, width, row;
    int64_t count;
    Outline *outlines;
} Raster;

/* Begin with `count` polygons, whose points (x, y) lie one after another, `lengths[i]` of them each; 0 without memory.
   Either way it is to be closed. */
int raster_open(Raster *raster, const int32_t *points, const int64_t *lengths, int64_t count, int64_t height,
                int64_t width);

/* Write the next row, a byte of 0 or 1 a pixel. */
void raster_next_row(Raster *raster, uint8_t *pixels);

void raster_close(Raster *raster);

#endif
