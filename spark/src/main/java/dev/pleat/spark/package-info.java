/**
 * Folds of directories on Apache Spark: a driver that plans, tasks that make one file of weights
 * each, and the folder of the output that they share.
 */
@NullMarked
package dev.pleat.spark;

import org.jspecify.annotations.NullMarked;
