@NullMarked
package dev.pleat.llm.repair;

import org.jspecify.annotations.NullMarked;
