/* The inner loops of the metric core: reading compressed RLE, intersecting masks, summing AP.

   Everything here has a twin in NumPy or pycocotools that gives the same bits (_rle.py, _iou.py,
   _average_precision.py); where this module was not built, the twins work alone. The tests compare the two.

   Counts come from outside and are trusted in nothing. Reading is bounded by the length of the string, every value is
   checked before it is added to another, and the interpreter is free for other threads meanwhile. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>

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

/* AP of one judgement: trapezoids in rank order. Each operation stands alone and in the order of the published
   `compute_ap`; the build forbids to fuse them, which would change the last bit. */
static double average_precision(const uint8_t *hits, const int64_t *ranks, Py_ssize_t n, int64_t positives) {
    const double step = 1.0 / (double)positives;
    double found = 0.0, total = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!hits[i]) continue;
        const double rank = (double)ranks[i];
        double area = ranks[i] == 0 ? 1.0 : found / rank;
        area += (found + 1.0) / (rank + 1.0);
        area *= step;
        area /= 2.0;
        total += area;
        found += 1.0;
    }
    return total;
}

static PyObject *kernel_average_precisions(PyObject *module, PyObject *args) {
    (void)module;
    Py_ssize_t protocols, judgements, candidates;
    Py_buffer hits = {0}, ranks = {0}, positives = {0}, out = {0};
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "nnny*y*y*w*", &protocols, &judgements, &candidates, &hits, &ranks, &positives, &out))
        return NULL;
    const Py_ssize_t rows = protocols * judgements, word = (Py_ssize_t)sizeof(int64_t);
    if (protocols < 0 || judgements < 0 || candidates < 0 || hits.len != rows * candidates ||
        ranks.len != protocols * candidates * word || positives.len != rows * word || out.len != rows * word) {
        PyErr_SetString(PyExc_ValueError, "the arrays do not have the shapes (p, k, n), (p, n), (p, k) and (p, k)");
        goto done;
    }
    const uint8_t *hit = hits.buf;
    const int64_t *rank = ranks.buf, *denominator = positives.buf;
    double *ap = out.buf;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; row < rows; row++)
        ap[row] = denominator[row] < 1 ? Py_NAN
                                       : average_precision(hit + row * candidates, rank + row / judgements * candidates,
                                                           candidates, denominator[row]);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
done:
    PyBuffer_Release(&out);
    PyBuffer_Release(&positives);
    PyBuffer_Release(&ranks);
    PyBuffer_Release(&hits);
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
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernel", "Compiled twins of the core's inner loops.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
