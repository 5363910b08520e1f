/**
 * Pleat under attack: damaged inputs, kills at any moment, full disks. Everything is drawn from
 * numbered seeds, so that each case can be run again.
 */
@NullMarked
package dev.pleat.fuzz;

import org.jspecify.annotations.NullMarked;
