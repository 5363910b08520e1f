/** Named tensors and where they live. Values are 32-bit floats whatever the file stores. */
@NullMarked
package dev.pleat.core.tensor;

import org.jspecify.annotations.NullMarked;
