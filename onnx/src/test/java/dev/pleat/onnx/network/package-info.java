/** Small networks made for tests, node by node, without the code under test. */
@NullMarked
package dev.pleat.onnx.network;

import org.jspecify.annotations.NullMarked;
