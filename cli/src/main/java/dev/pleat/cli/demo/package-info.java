/** The demo: a bundled network, folded several ways and evaluated on bundled images. */
@NullMarked
package dev.pleat.cli.demo;

import org.jspecify.annotations.NullMarked;
