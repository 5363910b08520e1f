/** Text of many kinds for networks that read tokens, where their tokenizer is at hand. */
@NullMarked
package dev.pleat.onnx.text;

import org.jspecify.annotations.NullMarked;
