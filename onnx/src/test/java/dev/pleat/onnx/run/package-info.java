/** Tests of running models and of making inputs for them. */
@NullMarked
package dev.pleat.onnx.run;

import org.jspecify.annotations.NullMarked;
