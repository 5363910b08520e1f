/** JSON from files that nobody has checked yet, read within limits and with typed, named access. */
@NullMarked
package dev.pleat.llm.json;

import org.jspecify.annotations.NullMarked;
