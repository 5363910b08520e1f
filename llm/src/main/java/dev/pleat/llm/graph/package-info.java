/**
 * Makes the ONNX graph that computes a {@link dev.pleat.llm.blueprint.Blueprint}, whole or in
 * parts. Operators are those of the standard set 23; weights stay where they are.
 */
@NullMarked
package dev.pleat.llm.graph;

import org.jspecify.annotations.NullMarked;
