/** What folds, evaluations, inversions and merges of ONNX files can be asked; nothing is done. */
@NullMarked
package dev.pleat.onnx.request;

import org.jspecify.annotations.NullMarked;
