/**
 * What a command writes: checked against all that it reads before any work, made aside, put in
 * place by one rename, and held by one process at a time. Knows models only as far as their files
 * go.
 */
@NullMarked
package dev.pleat.onnx.output;

import org.jspecify.annotations.NullMarked;
