/** What folds, evaluations, inversions and merges of ONNX files can be asked. Nothing is done here. */
@NullMarked
package dev.pleat.onnx.request;

import org.jspecify.annotations.NullMarked;
