/* Masks of polygons: as RLE, and how much two have in common. The canvas is never held, only a row of it.

   The twins, with OpenCV, are in _raster.py. */

#include "_polygons.h"

#include <stdlib.h>
#include <string.h>

#include "_raster.h"

/* Polygons from Python, and the canvas that they are drawn on. */
typedef struct {
    Py_buffer points;
    int64_t *lengths, count, height, width;
} Drawing;

static int refuse(const char *format, long long value, long long other) {
    PyErr_Format(PyExc_ValueError, format, value, other);
    return 0;
}

/* 1 when the points are as many as the lengths say and lie where nothing overflows; otherwise 0 with an exception. */
static int are_sound(const Drawing *drawing) {
    const int32_t *values = drawing->points.buf;
    int64_t total = 0;
    for (int64_t i = 0; i < drawing->count; i++) {
        if (drawing->lengths[i] < 0 || drawing->lengths[i] > INT32_MAX)
            return refuse("polygon %lld cannot have %lld points", i, drawing->lengths[i]);
        total += 2 * drawing->lengths[i];
    }
    if (drawing->points.len != total * (int64_t)sizeof *values)
        return refuse("%lld bytes are not the %lld points of two int32", drawing->points.len, total / 2);
    for (int64_t i = 0; i < total; i++)
        if (values[i] > RASTER_MAX_COORDINATE || values[i] < -RASTER_MAX_COORDINATE)
            return refuse("coordinate %lld is beyond %lld", values[i], RASTER_MAX_COORDINATE);
    return 1;
}

/* Take up a drawing whose `points` are there; 0 with an exception when something about it is wrong. */
static int begin(Drawing *drawing, PyObject *lengths, long long height, long long width) {
    if (height < 0 || width < 0 || (height && width > RASTER_MAX_PIXELS / height))
        return refuse("%lld x %lld is no canvas", height, width);
    drawing->height = height;
    drawing->width = width;
    drawing->count = PyTuple_Size(lengths);
    drawing->lengths = malloc(((size_t)drawing->count + 1) * sizeof *drawing->lengths);
    if (drawing->lengths == NULL) {
        PyErr_NoMemory();
        return 0;
    }
    for (int64_t i = 0; i < drawing->count; i++) {
        drawing->lengths[i] = PyLong_AsLongLong(PyTuple_GetItem(lengths, i));
        if (PyErr_Occurred()) return 0;
    }
    return are_sound(drawing);
}

static void end(Drawing *drawing) {
    free(drawing->lengths);
    if (drawing->points.obj != NULL) PyBuffer_Release(&drawing->points);
}

static int open_drawing(Raster *raster, const Drawing *drawing) {
    return raster_open(raster, drawing->points.buf, drawing->lengths, drawing->count, drawing->height, drawing->width);
}

/* A pixel that differs from the one above it. */
typedef struct {
    int32_t column, row;
} Turn;

typedef struct {
    Turn *turns;
    int64_t count, room;
} Turns;

static int add_turn(Turns *turns, int64_t column, int64_t row) {
    if (turns->count == turns->room) {
        const int64_t room = 2 * turns->room + 1024;
        Turn *larger = realloc(turns->turns, (size_t)room * sizeof *larger);
        if (larger == NULL) return 0;
        turns->turns = larger;
        turns->room = room;
    }
    turns->turns[turns->count++] = (Turn){(int32_t)column, (int32_t)row};
    return 1;
}

static int compare_rows(Turns *turns, const uint8_t *above, const uint8_t *pixels, int64_t width, int64_t row) {
    for (int64_t x = 0; x < width; x++) {
        while (x + 8 <= width && memcmp(above + x, pixels + x, 8) == 0) x += 8;
        if (x < width && above[x] != pixels[x] && !add_turn(turns, x, row)) return 0;
    }
    return 1;
}

/* All turns of a drawing, row by row; 0 without memory. */
static int find_turns(const Drawing *drawing, Turns *turns) {
    const size_t width = (size_t)drawing->width;
    uint8_t *rows = calloc(2, width + 1);
    Raster raster;
    int sound = open_drawing(&raster, drawing) && rows != NULL;
    for (int64_t y = 0; sound && y < drawing->height; y++) {
        uint8_t *pixels = rows + (y & 1) * width, *above = rows + (~y & 1) * width;
        raster_next_row(&raster, pixels);
        sound = compare_rows(turns, above, pixels, drawing->width, y);
    }
    raster_close(&raster);
    free(rows);
    return sound;
}

/* Bring turns into the order of columns, which keeps that of rows within each. Of `ends`, all 0 before, the value of
   column x becomes where its turns end. */
static void sort_by_column(const Turns *turns, int64_t width, int64_t *ends, int32_t *rows) {
    for (int64_t i = 0; i < turns->count; i++) ends[turns->turns[i].column + 1]++;
    for (int64_t x = 0; x < width; x++) ends[x + 1] += ends[x];
    for (int64_t i = 0; i < turns->count; i++) rows[ends[turns->turns[i].column]++] = turns->turns[i].row;
}

/* Counts in the making: a run is kept back until it is known that it does not go on in the next column. */
typedef struct {
    uint8_t *at;
    int64_t position, runs, before[2]; /* where the last run ended, how many there are, the last even and odd one */
} Counts;

enum { CHARACTER_OFFSET = 48, MORE = 32, SIGN = 16, VALUE_BITS = 5, MAX_CHARACTERS = 10 };

/* One varint as pycocotools stores it (maskApi.c, rleToString). */
static void write_value(Counts *counts, int64_t value) {
    for (int more = 1; more;) {
        const int bits = (int)(value & (MORE - 1));
        value >>= VALUE_BITS;
        more = bits & SIGN ? value != -1 : value != 0;
        *counts->at++ = (uint8_t)((more ? bits | MORE : bits) + CHARACTER_OFFSET);
    }
}

static void write_run(Counts *counts, int64_t end) {
    const int64_t run = end - counts->position;
    write_value(counts, counts->runs > 2 ? run - counts->before[counts->runs & 1] : run);
    counts->before[counts->runs++ & 1] = run;
    counts->position = end;
}

/* Write the counts of turns that are in order of columns. RLE goes on from the foot of a column to the head of the next,
   and turns start from the background above each head. */
static void write_counts(Counts *counts, const int64_t *ends, const int32_t *rows, int64_t height, int64_t width) {
    int64_t i = 0, foot = 0; /* of the column before; 1 when it is foreground */
    for (int64_t x = 0; x < width; x++) {
        const int64_t first = i, head = i < ends[x] && rows[i] == 0;
        if (head != foot) write_run(counts, x * height);
        for (i += head; i < ends[x]; i++) write_run(counts, x * height + rows[i]);
        foot = (ends[x] - first) & 1;
    }
    write_run(counts, height * width);
}

/* Compressed counts of a drawing in memory of their own; NULL without memory. */
static uint8_t *counts_of(const Drawing *drawing, Py_ssize_t *length) {
    const int64_t width = drawing->width;
    Turns turns = {NULL, 0, 0};
    int64_t *ends = calloc((size_t)width + 1, sizeof *ends);
    int32_t *rows = NULL;
    Counts counts = {0};
    uint8_t *text = NULL;
    if (ends == NULL || !find_turns(drawing, &turns)) goto done;
    rows = malloc(((size_t)turns.count + 1) * sizeof *rows);
    text = malloc((size_t)(turns.count + width + 1) * MAX_CHARACTERS); /* at most a run a turn, one a column, the last */
    if (rows == NULL || text == NULL) {
        free(text);
        text = NULL;
        goto done;
    }
    sort_by_column(&turns, width, ends, rows);
    counts.at = text;
    write_counts(&counts, ends, rows, drawing->height, width);
    *length = counts.at - text;
done:
    free(rows);
    free(turns.turns);
    free(ends);
    return text;
}

PyObject *kernel_fill(PyObject *module, PyObject *args) {
    (void)module;
    Drawing drawing = {0};
    PyObject *lengths, *result = NULL;
    long long height, width;
    if (!PyArg_ParseTuple(args, "y*O!LL", &drawing.points, &PyTuple_Type, &lengths, &height, &width)) return NULL;
    if (height > INT32_MAX || width > INT32_MAX) height = -1; /* no canvas, then */
    if (begin(&drawing, lengths, height, width)) {
        uint8_t *text;
        Py_ssize_t length = 0;
        Py_BEGIN_ALLOW_THREADS
        text = counts_of(&drawing, &length);
        Py_END_ALLOW_THREADS
        result = text == NULL ? PyErr_NoMemory() : PyBytes_FromStringAndSize((const char *)text, length);
        free(text);
    }
    end(&drawing);
    return result;
}

typedef struct {
    int64_t first, second, both;
} Areas;

static void add_row(Areas *areas, const uint8_t *first, int64_t width, const uint8_t *second, int64_t other_width) {
    uint32_t one = 0, other = 0, both = 0; /* a row has fewer pixels than that */
    for (int64_t x = 0; x < width; x++) one += first[x];
    for (int64_t x = 0; x < other_width; x++) other += second[x];
    for (int64_t x = 0; x < (width < other_width ? width : other_width); x++) both += first[x] & second[x];
    areas->first += one;
    areas->second += other;
    areas->both += both;
}

static int add_areas(const Drawing *first, const Drawing *second, Areas *areas) {
    const int64_t height = first->height > second->height ? first->height : second->height;
    uint8_t *pixels = malloc((size_t)first->width + 1), *other = malloc((size_t)second->width + 1);
    Raster one, two;
    int sound = open_drawing(&one, first);
    sound = open_drawing(&two, second) && sound && pixels != NULL && other != NULL;
    for (int64_t y = 0; sound && y < height; y++) {
        const int in_first = y < first->height, in_second = y < second->height;
        if (in_first) raster_next_row(&one, pixels);
        if (in_second) raster_next_row(&two, other);
        add_row(areas, pixels, in_first ? first->width : 0, other, in_second ? second->width : 0);
    }
    raster_close(&one);
    raster_close(&two);
    free(pixels);
    free(other);
    return sound;
}

PyObject *kernel_overlap(PyObject *module, PyObject *args) {
    (void)module;
    Drawing first = {0}, second = {0};
    PyObject *lengths, *other_lengths, *result = NULL;
    long long height, width, other_height, other_width;
    if (!PyArg_ParseTuple(args, "y*O!(LL)y*O!(LL)", &first.points, &PyTuple_Type, &lengths, &height, &width,
                          &second.points, &PyTuple_Type, &other_lengths, &other_height, &other_width))
        return NULL;
    if (begin(&first, lengths, height, width) && begin(&second, other_lengths, other_height, other_width)) {
        Areas areas = {0, 0, 0};
        int sound;
        Py_BEGIN_ALLOW_THREADS
        sound = add_areas(&first, &second, &areas);
        Py_END_ALLOW_THREADS
        result = sound ? Py_BuildValue("(LLL)", (long long)areas.first, (long long)areas.second, (long long)areas.both)
                       : PyErr_NoMemory();
    }
    end(&first);
    end(&second);
    return result;
}
