/* The inner loops of the metric core: reading compressed RLE, intersecting masks, summing AP; polygons are in
   _polygons.c.

   Everything here has a twin in NumPy, pycocotools or OpenCV that gives the same bits (_rle.py, _iou.py,
   _average_precision.py, _raster.py); where this module was not built, the twins work alone. The tests compare the two.

   Counts come from outside and are trusted in nothing. Reading is bounded by the length of the string, every value is
   checked before it is added to another, and the interpreter is free for other threads meanwhile. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>

#include "_polygons.h"

typedef struct {
    const uint8_t *at, *end;
} Text;

enum { CHARACTER_OFFSET = 48, CHARACTERS = 64, MORE = 32, SIGN = 16, VALUE_BITS = 5, MAX_CHARACTERS = 7 };

/* Read one varint as pycocotools stores it (maskApi.c, rleToString); 0 when it is not well-formed. */
static inline int read_value(Text *text, int64_t *value) {
    uint64_t bits = 0;
    for (int shift = 0; shift < MAX_CHARACTERS * VALUE_BITS; shift += VALUE_BITS) {
        if (text->at == text->end) return 0;
        unsigned code = (unsigned)*text->at++ - CHARACTER_OFFSET;
        if (code >= CHARACTERS) return 0;
        bits |= (uint64_t)(code & (MORE - 1)) << shift;
        if (code < MORE) {
            if (code & SIGN) bits |= ~(uint64_t)0 << (shift + VALUE_BITS);
            *value = (int64_t)bits;
            return 1;
        }
    }
    return 0;
}

/* Read counts into the positions at which their runs end; the number of runs, or -1 unless every run fits on the canvas
   and all together fill it. `ends` has room for a run a character. */
static int64_t read_ends(Text text, int64_t pixels, int64_t *ends) {
    int64_t count = 0, sum = 0, run, before[2] = {0, 0}; /* the last even and the last odd run */
    while (text.at != text.end) {
        if (!read_value(&text, &run)) return -1;
        if (count > 2) run += before[count & 1];
        if (run < 0 || run > pixels - sum) return -1;
        before[count & 1] = run;
        sum += run;
        ends[count++] = sum;
    }
    return sum == pixels && count > 0 ? count : -1;
}

typedef struct {
    int64_t height, width, area, x, y, box_width, box_height;
    int valid;
} Summary;

/* Area and tight pixel box of the foreground, which is every second run from the second on. */
static void summarize(Summary *mask, const int64_t *ends, int64_t count) {
    const int64_t height = mask->height;
    int64_t column = 0; /* where the current column starts */
    int64_t first = -1, last = -1, top = height, bottom = 0;
    for (int64_t i = 1; i < count; i += 2) {
        const int64_t start = ends[i - 1], end = ends[i];
        if (start == end) continue;
        if (first < 0) first = start;
        last = end - 1;
        mask->area += end - start;
        if (start - column >= height) { /* mostly the next column, which saves the division */
            column += height;
            if (start - column >= height) column = start - start % height;
        }
        if (start - column < top) top = start - column;
        if (end - column > bottom) bottom = end - column;
    }
    if (first < 0) return;
    if (bottom > height) top = 0, bottom = height; /* a run goes over into the next column */
    mask->x = first / height;
    mask->y = top;
    mask->box_width = last / height - mask->x + 1;
    mask->box_height = bottom - top;
}

/* Pixels that are foreground in both of two masks on one canvas: a walk over all run ends in order. */
static int64_t intersect(const int64_t *a, int64_t a_count, const int64_t *b, int64_t b_count) {
    int64_t i = 0, j = 0, position = 0, common = 0;
    while (i < a_count && j < b_count) {
        const int64_t a_end = a[i], b_end = b[j];
        const int64_t from_a = a_end <= b_end, next = from_a ? a_end : b_end;
        common += (next - position) & -(i & j & 1); /* without a branch, since none could be predicted */
        position = next;
        i += from_a;
        j += !from_a;
    }
    return common;
}

/* Borrow the bytes of a tuple, which keeps them alive; 0 with an exception set when it holds anything else. */
static int borrow_texts(PyObject *tuple, Text *texts, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        char *data;
        Py_ssize_t length;
        PyObject *item = PyTuple_GetItem(tuple, i);
        if (item == NULL || PyBytes_AsStringAndSize(item, &data, &length) < 0) return 0;
        texts[i].at = (const uint8_t *)data;
        texts[i].end = texts[i].at + length;
    }
    return 1;
}

static size_t longest(const Text *texts, Py_ssize_t count) {
    size_t most = 1;
    for (Py_ssize_t i = 0; i < count; i++)
        if ((size_t)(texts[i].end - texts[i].at) > most) most = (size_t)(texts[i].end - texts[i].at);
    return most;
}

static PyObject *summary_or_none(const Summary *mask) {
    if (!mask->valid) Py_RETURN_NONE;
    return Py_BuildValue("(LLLLL)", (long long)mask->area, (long long)mask->x, (long long)mask->y,
                         (long long)mask->box_width, (long long)mask->box_height);
}

static PyObject *kernel_summarize(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *counts, *sizes, *result = NULL;
    if (!PyArg_ParseTuple(args, "O!O!", &PyTuple_Type, &counts, &PyTuple_Type, &sizes)) return NULL;
    const Py_ssize_t n = PyTuple_Size(counts);
    if (PyTuple_Size(sizes) != n) return PyErr_Format(PyExc_ValueError, "%zd counts and %zd sizes", n, PyTuple_Size(sizes));
    Text *texts = calloc((size_t)n + 1, sizeof *texts);
    Summary *masks = calloc((size_t)n + 1, sizeof *masks);
    int64_t *ends = NULL;
    if (texts == NULL || masks == NULL) { PyErr_NoMemory(); goto done; }
    if (!borrow_texts(counts, texts, n)) goto done;
    for (Py_ssize_t i = 0; i < n; i++) {
        long long height, width;
        if (!PyArg_ParseTuple(PyTuple_GetItem(sizes, i), "LL", &height, &width)) goto done;
        if (height < 1 || width < 1 || height > INT32_MAX || width > INT32_MAX) {
            PyErr_Format(PyExc_ValueError, "%lld x %lld is no canvas", height, width);
            goto done;
        }
        masks[i].height = height;
        masks[i].width = width;
    }
    ends = malloc(longest(texts, n) * sizeof *ends);
    if (ends == NULL) { PyErr_NoMemory(); goto done; }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < n; i++) {
        const int64_t runs = read_ends(texts[i], masks[i].height * masks[i].width, ends);
        masks[i].valid = runs > 0;
        if (runs > 0) summarize(&masks[i], ends, runs);
    }
    Py_END_ALLOW_THREADS
    result = PyList_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *one = summary_or_none(&masks[i]);
        if (one == NULL || PyList_SetItem(result, i, one) < 0) Py_CLEAR(result);
    }
done:
    free(ends);
    free(masks);
    free(texts);
    return result;
}

static PyObject *kernel_intersections(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *first, *second, *pixels, *result = NULL;
    if (!PyArg_ParseTuple(args, "O!O!O!", &PyTuple_Type, &first, &PyTuple_Type, &second, &PyTuple_Type, &pixels))
        return NULL;
    const Py_ssize_t n = PyTuple_Size(first);
    if (PyTuple_Size(second) != n || PyTuple_Size(pixels) != n) {
        PyErr_SetString(PyExc_ValueError, "the tuples differ in length");
        return NULL;
    }
    Text *texts = calloc(2 * (size_t)n + 1, sizeof *texts);
    int64_t *areas = calloc((size_t)n + 1, sizeof *areas); /* pixels of the canvas, then of the intersection */
    int64_t *ends = NULL;
    if (texts == NULL || areas == NULL) { PyErr_NoMemory(); goto done; }
    if (!borrow_texts(first, texts, n) || !borrow_texts(second, texts + n, n)) goto done;
    for (Py_ssize_t i = 0; i < n; i++) {
        areas[i] = PyLong_AsLongLong(PyTuple_GetItem(pixels, i));
        if (PyErr_Occurred()) goto done;
    }
    const size_t room = longest(texts, 2 * n);
    ends = malloc(2 * room * sizeof *ends);
    if (ends == NULL) { PyErr_NoMemory(); goto done; }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < n; i++) {
        const int64_t a_count = read_ends(texts[i], areas[i], ends);
        const int64_t b_count = read_ends(texts[n + i], areas[i], ends + room);
        areas[i] = a_count < 0 || b_count < 0 ? -1 : intersect(ends, a_count, ends + room, b_count);
    }
    Py_END_ALLOW_THREADS
    result = PyList_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        if (areas[i] < 0) {
            PyErr_Format(PyExc_ValueError, "pair %zd: counts are not valid on a canvas of its pixels", i);
            Py_CLEAR(result);
        } else if (PyList_SetItem(result, i, PyLong_FromLongLong(areas[i])) < 0) {
            Py_CLEAR(result);
        }
    }
done:
    free(ends);
    free(areas);
    free(texts);
    return result;
}

/* Areas under the curve for hits at ascending ranks, still to be divided by twice the number of positives. Operations
   and their order are those of the published `compute_ap`; the build forbids to fuse them, which would change the last
   bit. Areas are laid out before they are added, so that divisions go in pairs. */
static void lay_out_areas(const double *rank, Py_ssize_t count, double *area) {
    for (Py_ssize_t i = 0; i < count; i++) {
        const double found = (double)i;
        const double first = rank[i] == 0.0 ? 1.0 : found / rank[i];
        area[i] = first + (found + 1.0) / (rank[i] + 1.0);
    }
}

static double add_areas(const double *area, Py_ssize_t count, int64_t positives) {
    const double step = 1.0 / (double)positives;
    double total = 0.0;
    for (Py_ssize_t i = 0; i < count; i++) total += area[i] * step / 2.0;
    return positives < 1 ? Py_NAN : total;
}

/* The same for two numbers of positives at once, whose sums wait for each other no longer than one takes. */
static void add_areas_twice(const double *area, Py_ssize_t count, int64_t first, int64_t second, double *one,
                            double *other) {
    const double step = 1.0 / (double)first, second_step = 1.0 / (double)second;
    double total = 0.0, second_total = 0.0;
    for (Py_ssize_t i = 0; i < count; i++) {
        total += area[i] * step / 2.0;
        second_total += area[i] * second_step / 2.0;
    }
    *one = first < 1 ? Py_NAN : total;
    *other = second < 1 ? Py_NAN : second_total;
}

static double average_precision(const uint8_t *hits, const int64_t *ranks, Py_ssize_t n, int64_t positives,
                                double *scratch) {
    double *rank = scratch, *area = scratch + n;
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        rank[count] = (double)ranks[i];
        count += hits[i] != 0;
    }
    lay_out_areas(rank, count, area);
    return add_areas(area, count, positives);
}

static PyObject *kernel_average_precisions(PyObject *module, PyObject *args) {
    (void)module;
    Py_ssize_t protocols, judgements, candidates;
    Py_buffer hits = {0}, ranks = {0}, positives = {0}, out = {0};
    PyObject *result = NULL;
    double *scratch = NULL;
    if (!PyArg_ParseTuple(args, "nnny*y*y*w*", &protocols, &judgements, &candidates, &hits, &ranks, &positives, &out))
        return NULL;
    const Py_ssize_t rows = protocols * judgements, word = (Py_ssize_t)sizeof(int64_t);
    if (protocols < 0 || judgements < 0 || candidates < 0 || hits.len != rows * candidates ||
        ranks.len != protocols * candidates * word || positives.len != rows * word || out.len != rows * word) {
        PyErr_SetString(PyExc_ValueError, "the arrays do not have the shapes (p, k, n), (p, n), (p, k) and (p, k)");
        goto done;
    }
    if ((scratch = malloc((size_t)(2 * candidates + 1) * sizeof(double))) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    const uint8_t *hit = hits.buf;
    const int64_t *rank = ranks.buf, *denominator = positives.buf;
    double *ap = out.buf;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; row < rows; row++)
        ap[row] = average_precision(hit + row * candidates, rank + row / judgements * candidates, candidates,
                                    denominator[row], scratch);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
done:
    free(scratch);
    PyBuffer_Release(&out);
    PyBuffer_Release(&positives);
    PyBuffer_Release(&ranks);
    PyBuffer_Release(&hits);
    return result;
}

typedef struct {
    double iou, rank;
} Candidate;

/* AP of the candidates of a protocol by the IoUs of a task, at ascending thresholds; each keeps those that pass. Among
   the passing, those that are not ranked count too. */
static void judge(const double *iou, const uint8_t *counted, Py_ssize_t count, const double *ranks, Py_ssize_t ranked,
                  const double *thresholds, Py_ssize_t levels, int64_t positives, int64_t beside, Candidate *passing,
                  double *scratch, double *of_passing, double *of_all) {
    double *rank = scratch, *area = scratch + ranked;
    Py_ssize_t hits = 0;
    for (Py_ssize_t i = 0; i < ranked; i++) {
        passing[hits] = (Candidate){iou[i], ranks[i]};
        hits += counted[i];
    }
    for (Py_ssize_t t = 0; t < levels; t++) {
        Py_ssize_t left = 0, unranked = 0;
        for (Py_ssize_t i = 0; i < hits; i++) {
            const Candidate candidate = passing[i];
            passing[left] = candidate;
            rank[left] = candidate.rank;
            left += candidate.iou > thresholds[t];
        }
        hits = left;
        for (Py_ssize_t i = ranked; i < count; i++) unranked += counted[i] & (iou[i] > thresholds[t]);
        lay_out_areas(rank, hits, area);
        add_areas_twice(area, hits, beside + hits + unranked, positives, of_passing + t, of_all + t);
    }
}

static PyObject *kernel_threshold_precisions(PyObject *module, PyObject *args) {
    (void)module;
    Py_ssize_t protocols, tasks, levels, count, ranked;
    Py_buffer ious = {0}, thresholds = {0}, counted = {0}, ranks = {0}, positives = {0}, beside = {0}, out = {0};
    PyObject *result = NULL;
    double *scratch = NULL;
    Candidate *passing = NULL;
    if (!PyArg_ParseTuple(args, "nnnnny*y*y*y*y*y*w*", &protocols, &tasks, &levels, &count, &ranked, &ious, &thresholds,
                          &counted, &ranks, &positives, &beside, &out))
        return NULL;
    const Py_ssize_t word = (Py_ssize_t)sizeof(int64_t);
    if (protocols < 0 || tasks < 0 || levels < 0 || ranked < 0 || ranked > count || ious.len != tasks * count * word ||
        thresholds.len != levels * word || counted.len != protocols * count || ranks.len != protocols * ranked * word ||
        positives.len != protocols * word || beside.len != protocols * word ||
        out.len != 2 * protocols * tasks * levels * word) {
        PyErr_SetString(PyExc_ValueError,
                        "the arrays do not have the shapes (k, n), (t,), (p, n), (p, m), (p,), (p,) and (2, p, k, t)");
        goto done;
    }
    scratch = malloc((size_t)(3 * ranked + 1) * sizeof(double));
    passing = malloc((size_t)(ranked + 1) * sizeof(Candidate));
    if (scratch == NULL || passing == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    double *ap = out.buf, *places = scratch + 2 * ranked;
    const Py_ssize_t half = protocols * tasks * levels;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t p = 0; p < protocols; p++) {
        for (Py_ssize_t i = 0; i < ranked; i++) places[i] = (double)((const int64_t *)ranks.buf)[p * ranked + i];
        for (Py_ssize_t k = 0; k < tasks; k++, ap += levels)
            judge((const double *)ious.buf + k * count, (const uint8_t *)counted.buf + p * count, count, places, ranked,
                  thresholds.buf, levels, ((const int64_t *)positives.buf)[p], ((const int64_t *)beside.buf)[p], passing,
                  scratch, ap, ap + half);
    }
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
done:
    free(passing);
    free(scratch);
    PyBuffer_Release(&out);
    PyBuffer_Release(&beside);
    PyBuffer_Release(&positives);
    PyBuffer_Release(&ranks);
    PyBuffer_Release(&counted);
    PyBuffer_Release(&thresholds);
    PyBuffer_Release(&ious);
    return result;
}

static PyMethodDef methods[] = {
    {"summarize", kernel_summarize, METH_VARARGS,
     "summarize(counts, sizes): by mask (area, x, y, width, height) of counts on a (height, width) canvas, None where\n"
     "they are not a valid RLE of it. The box is 0, 0, 0, 0 for an empty mask."},
    {"intersections", kernel_intersections, METH_VARARGS,
     "intersections(first, second, pixels): by pair the pixels that are foreground in both of two valid counts on one\n"
     "canvas of so many pixels. ValueError for counts that are not valid."},
    {"average_precisions", kernel_average_precisions, METH_VARARGS,
     "average_precisions(p, k, n, hits, ranks, positives, out): fill out with the AP of every judgement; the arrays are\n"
     "contiguous, of bool (p, k, n), int64 (p, n), int64 (p, k) and float64 (p, k)."},
    {"threshold_precisions", kernel_threshold_precisions, METH_VARARGS,
     "threshold_precisions(p, k, t, n, m, ious, thresholds, counted, ranks, positives, beside, out): fill out with the\n"
     "AP of every protocol, task and ascending threshold; of n candidates the first m are ranked. The denominator is\n"
     "first that of the candidates that pass and those beside, then that of positives. The arrays are contiguous, of\n"
     "float64 (k, n), float64 (t,), bool (p, n), int64 (p, m), int64 (p,), int64 (p,) and float64 (2, p, k, t)."},
    POLYGON_METHODS,
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "Compiled twins of the core's inner loops.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
