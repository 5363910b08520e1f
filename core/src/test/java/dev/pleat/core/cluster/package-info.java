/** Tests of the clustering against brute force. */
@NullMarked
package dev.pleat.core.cluster;

import org.jspecify.annotations.NullMarked;
