/** What users copy: each class is a program of its own. */
@NullMarked
package dev.pleat.examples;

import org.jspecify.annotations.NullMarked;
