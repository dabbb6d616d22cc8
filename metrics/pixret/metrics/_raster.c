/* Fills polygons as OpenCV's fillPoly does since 4.11 (8-connected, no fractional bits), pixel for pixel.

   A polygon covers its boundary, which are the lines between neighbouring points, and its inside by the even-odd rule.
   Both have quirks that numbers were published with, and so they are kept. A line is cut to the canvas in whole pixels
   before it is drawn. The sides of the inside go through the ends of the cut line, in steps of 1/65536 pixel a row, and
   of two sides the pixels between are covered, without those that a side only touches.

   What lies where is here a closed form of the row; OpenCV walks all rows and pixels, also those above the canvas. */

#include "_raster.h"

#include <stdlib.h>
#include <string.h>

enum { ONE = 1 << 16, FRACTION = 16 }; /* positions along a row are in 1/65536 pixel */

typedef struct {
    int64_t x, y;
} Point;

/* A line of the boundary within the canvas, from its left end; `down` is -1 when it rises. */
typedef struct {
    int64_t top, bottom; /* its rows, both included */
    int64_t x, y, run, rise, down;
} Line;

/* A side of the inside, and where it is on the row under way. */
typedef struct {
    int64_t top, bottom; /* its rows, without the bottom */
    int64_t x, step, row_of_x;
} Side;

struct Outline {
    Line *lines, **open_lines;
    Side *sides, **open_sides;
    int64_t line_count, next_line, open_line_count;
    int64_t side_count, next_side, open_side_count;
};

static int is_beyond(int64_t value, int64_t last) { return value < 0 ? -1 : value > last; }

static int are_on_one_side(int64_t value, int64_t other, int64_t last) {
    return is_beyond(value, last) != 0 && is_beyond(value, last) == is_beyond(other, last);
}

/* Move a point that lies beyond [0, last] along its line to where that range ends. */
static void cut(int64_t *along, int64_t *across, int64_t other_along, int64_t other_across, int64_t last) {
    if (!is_beyond(*along, last)) return;
    const int64_t end = *along < 0 ? 0 : last;
    *across += (end - *along) * (other_across - *across) / (other_along - *along);
    *along = end;
}

/* Cut a line to the canvas, first above and below; 0 when it does not meet the canvas, and it may then be half cut. */
static int cut_to_canvas(const Raster *raster, Point *a, Point *b) {
    const int64_t right = raster->width - 1, bottom = raster->height - 1;
    if (are_on_one_side(a->x, b->x, right) || are_on_one_side(a->y, b->y, bottom)) return 0;
    cut(&a->y, &a->x, b->y, b->x, bottom);
    cut(&b->y, &b->x, a->y, a->x, bottom);
    if (are_on_one_side(a->x, b->x, right)) return 0;
    cut(&a->x, &a->y, b->x, b->y, right);
    cut(&b->x, &b->y, a->x, a->y, right);
    return 1;
}

static Line line_between(Point a, Point b) {
    const Point left = a.x <= b.x ? a : b, right = a.x <= b.x ? b : a;
    const int64_t top = a.y < b.y ? a.y : b.y, bottom = a.y < b.y ? b.y : a.y;
    return (Line){top, bottom, left.x, left.y, right.x - left.x, bottom - top, right.y < left.y ? -1 : 1};
}

/* The side between two points on different rows, whose line was cut to `a` and `b`. */
static Side side_between(Point from, Point to, Point a, Point b) {
    if (a.y == b.y) a.y = from.y, b.y = to.y;
    const Point start = from.y < to.y ? a : b;
    const int64_t top = from.y < to.y ? from.y : to.y, bottom = from.y < to.y ? to.y : from.y;
    return (Side){top, bottom, start.x * ONE, (b.x - a.x) * ONE / (b.y - a.y), start.y};
}

static int compare_tops(const void *first, const void *second) {
    const int64_t a = *(const int64_t *)first, b = *(const int64_t *)second; /* `top` comes first in both */
    return (a > b) - (a < b);
}

static int open_outline(const Raster *raster, Outline *outline, const int32_t *points, int64_t length) {
    const size_t room = (size_t)length;
    outline->lines = malloc(room * sizeof *outline->lines);
    outline->sides = malloc(room * sizeof *outline->sides);
    outline->open_lines = malloc(room * sizeof *outline->open_lines);
    outline->open_sides = malloc(room * sizeof *outline->open_sides);
    if (!outline->lines || !outline->sides || !outline->open_lines || !outline->open_sides) return 0;
    Point from = {points[2 * length - 2], points[2 * length - 1]};
    for (int64_t i = 0; i < length; i++) {
        const Point to = {points[2 * i], points[2 * i + 1]};
        Point a = from, b = to;
        if (cut_to_canvas(raster, &a, &b)) outline->lines[outline->line_count++] = line_between(a, b);
        if (from.y != to.y) outline->sides[outline->side_count++] = side_between(from, to, a, b);
        from = to;
    }
    qsort(outline->lines, (size_t)outline->line_count, sizeof *outline->lines, compare_tops);
    qsort(outline->sides, (size_t)outline->side_count, sizeof *outline->sides, compare_tops);
    return 1;
}

static void draw_line(const Line *line, int64_t row, uint8_t *pixels) {
    const int64_t at = (row - line->y) * line->down, run = line->run, rise = line->rise;
    int64_t first, last; /* pixels from the left end; a line that is midway between two pixels takes the earlier one */
    if (rise > run) {
        first = last = (2 * run * at + rise - 1) / (2 * rise);
    } else {
        first = at == 0 ? 0 : (2 * at - 1) * run / (2 * rise) + 1;
        last = at == rise ? run : (2 * at + 1) * run / (2 * rise);
    }
    memset(pixels + line->x + first, 1, (size_t)(last - first + 1));
}

static void draw_boundary(Outline *outline, int64_t row, uint8_t *pixels) {
    while (outline->next_line < outline->line_count && outline->lines[outline->next_line].top <= row)
        outline->open_lines[outline->open_line_count++] = &outline->lines[outline->next_line++];
    int64_t left = 0;
    for (int64_t i = 0; i < outline->open_line_count; i++) {
        Line *line = outline->open_lines[i];
        draw_line(line, row, pixels);
        outline->open_lines[left] = line;
        left += row < line->bottom;
    }
    outline->open_line_count = left;
}

/* Bring the open sides to a row, in order of where they are on it; most keep theirs from row to row. */
static void advance_sides(Outline *outline, int64_t row) {
    while (outline->next_side < outline->side_count && outline->sides[outline->next_side].top <= row)
        outline->open_sides[outline->open_side_count++] = &outline->sides[outline->next_side++];
    int64_t left = 0;
    for (int64_t i = 0; i < outline->open_side_count; i++) {
        Side *side = outline->open_sides[i];
        if (row >= side->bottom) continue;
        side->x += (row - side->row_of_x) * side->step;
        side->row_of_x = row;
        int64_t place = left++;
        for (; place > 0 && outline->open_sides[place - 1]->x > side->x; place--)
            outline->open_sides[place] = outline->open_sides[place - 1];
        outline->open_sides[place] = side;
    }
    outline->open_side_count = left;
}

static void draw_inside(Outline *outline, int64_t row, uint8_t *pixels, int64_t width) {
    advance_sides(outline, row);
    for (int64_t i = 0; i + 1 < outline->open_side_count; i += 2) {
        int64_t first = (outline->open_sides[i]->x + ONE - 1) >> FRACTION;
        int64_t last = outline->open_sides[i + 1]->x >> FRACTION;
        if (first < 0) first = 0;
        if (last >= width) last = width - 1;
        if (first <= last) memset(pixels + first, 1, (size_t)(last - first + 1));
    }
}

int raster_open(Raster *raster, const int32_t *points, const int64_t *lengths, int64_t count, int64_t height,
                int64_t width) {
    *raster = (Raster){height, width, 0, 0, calloc((size_t)count + 1, sizeof(Outline))};
    if (raster->outlines == NULL) return 0;
    if (height < 1 || width < 1) return 1; /* there is no row to ask for */
    for (int64_t i = 0; i < count; points += 2 * lengths[i++])
        if (lengths[i] > 0 && !open_outline(raster, &raster->outlines[raster->count++], points, lengths[i])) return 0;
    return 1;
}

void raster_next_row(Raster *raster, uint8_t *pixels) {
    memset(pixels, 0, (size_t)raster->width);
    for (int64_t i = 0; i < raster->count; i++) {
        draw_boundary(&raster->outlines[i], raster->row, pixels);
        draw_inside(&raster->outlines[i], raster->row, pixels, raster->width);
    }
    raster->row++;
}

void raster_close(Raster *raster) {
    for (int64_t i = 0; i < raster->count; i++) {
        free(raster->outlines[i].lines);
        free(raster->outlines[i].sides);
        free(raster->outlines[i].open_lines);
        free(raster->outlines[i].open_sides);
    }
    free(raster->outlines);
}
