/** Models made for a test, and how they are written and read. */
@NullMarked
package dev.pleat.llm;

import org.jspecify.annotations.NullMarked;
