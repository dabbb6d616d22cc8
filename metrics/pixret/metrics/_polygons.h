/* What the kernel does with polygons, as functions of its Python module. */

#ifndef PIXRET_POLYGONS_H
#define PIXRET_POLYGONS_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

PyObject *kernel_fill(PyObject *module, PyObject *args);
PyObject *kernel_overlap(PyObject *module, PyObject *args);

#define POLYGON_METHODS \
    {"fill", kernel_fill, METH_VARARGS,                                                                        \
     "fill(points, lengths, height, width): compressed RLE counts of the union of filled polygons on a canvas. Points of\n" \
     "all polygons lie one after another, contiguous int32 of (n, 2); lengths says how many each has."}, \
    {"overlap", kernel_overlap, METH_VARARGS,                                                                        \
     "overlap(points, lengths, size, points, lengths, size): the pixels of two unions of filled polygons, and those in\n" \
     "both. Each is drawn on a canvas (height, width) of its own; the top left corners lie on each other."}

#endif
