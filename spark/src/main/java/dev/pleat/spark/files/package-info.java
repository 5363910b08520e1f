/**
 * Hadoop's file systems as file systems of Java's: whatever reads a model from a path reads it from
 * a cluster, and of each file no more than it asks for. Knows nothing of models.
 */
@NullMarked
package dev.pleat.spark.files;

import org.jspecify.annotations.NullMarked;
